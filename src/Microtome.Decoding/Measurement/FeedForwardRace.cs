using System.Diagnostics;

namespace Microtome.Decoding;

/// <summary>
/// One token through many feed-forward layers with random weights: dense, Spark, and two ways of doing Spark wrong that say where the gain comes from. Arms take turns within each round, layer by layer through
/// more memory than the caches hold; the best round counts.
/// </summary>
public sealed unsafe class FeedForwardRace : IDisposable
{
    private readonly Engine engine;
    private readonly List<NativeBuffer> memory = [];
    private readonly List<DenseFeedForward> dense = [];
    private readonly List<SparkFeedForward> spark = [];
    private readonly List<(Matrix Predictor, Matrix Records)> parts = [];
    private readonly SparkFeedForward.Shared shared;
    private readonly NativeBuffer input;
    private readonly NativeBuffer output;
    private readonly NativeBuffer scratch;
    private readonly ReadBandwidth reading;
    private readonly DecoderShape shape;
    private readonly WeightFormat format;
    private readonly int tokens;

    /// <summary>Fills the weights.</summary>
    /// <param name="shape">Dimensions.</param>
    /// <param name="layers">Layers of each kind; together several times the last-level cache.</param>
    /// <param name="format">Of the weights.</param>
    /// <param name="threads">Threads.</param>
    /// <param name="tokens">1 for decoding, more for a prefill.</param>
    /// <param name="instructions">Other than this machine's best.</param>
    public FeedForwardRace(DecoderShape shape, int layers, WeightFormat format, int threads, int tokens = 1, Instructions? instructions = null)
    {
        this.shape = shape;
        this.format = format;
        this.tokens = tokens;
        engine = new Engine(threads, instructions);
        shared = new SparkFeedForward.Shared(shape.Width, shape.SparkHidden);
        for (var i = 0; i < layers; i++)
        {
            dense.Add(new DenseFeedForward(Weights(shape.Hidden, shape.Width), Weights(shape.Hidden, shape.Width), Weights(shape.Width, shape.Hidden), gelu: true));
            var predictor = Weights(shape.SparkHidden, shape.SparkInputs);
            var records = Weights(shape.SparkHidden, (2 * shape.Width) - shape.SparkInputs, twice: true);
            parts.Add((predictor, records));
            spark.Add(new SparkFeedForward(predictor, records, shape.SparkUnits, shared));
        }

        input = NativeBuffer.Of<float>((long)shape.Width * tokens);
        RandomWeights.Fill(input.Data, (long)shape.Width * tokens, WeightFormat.Float32, 3, 1);
        output = NativeBuffer.Of<float>((long)shape.Width * tokens);
        scratch = NativeBuffer.Of<float>(Math.Max(dense[0].ScratchFloats(tokens), spark[0].ScratchFloats(tokens)));
        reading = new ReadBandwidth(1L << 30);
    }

    /// <summary>Weight bytes of a dense and of a Spark layer that a token reads, the latter as measured in the last round.</summary>
    public (long Dense, double Spark) BytesRead => (dense[0].Bytes, spark.Average(static s => (double)s.BytesRead));

    /// <summary>Fraction of units that fired.</summary>
    public double Active => spark.Average(static s => s.Active);

    /// <summary>The read bandwidth in bytes a second, the best of some passes over a gigabyte.</summary>
    public static double ReadBandwidthOf(int threads, int passes)
    {
        using var some = new Engine(threads);
        using var gigabyte = new ReadBandwidth(1L << 30);
        return Enumerable.Range(0, passes).Max(_ => gigabyte.Pass(some));
    }

    /// <summary>Measures.</summary>
    /// <returns>Seconds a layer of each arm (the best round), and the best bandwidth in bytes a second.</returns>
    public (double Dense, double Spark, double Masked, double WrongLayout, double Bandwidth) Run(int rounds, bool arms, CancellationToken cancellation)
    {
        double d = double.MaxValue, s = d, m = d, w = d, b = 0;
        for (var round = 0; round < rounds; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            b = Math.Max(b, reading.Pass(engine));
            d = Math.Min(d, Seconds(i => dense[i].Run(engine, input.Floats, tokens, output.Floats, scratch.Floats)));
            s = Math.Min(s, Seconds(i => spark[i].Run(engine, input.Floats, tokens, output.Floats, scratch.Floats)));
            if (!arms)
                continue;
            m = Math.Min(m, Seconds(Masked));
            w = Math.Min(w, Seconds(WrongLayout));
        }

        return (d, s, m, w, b);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        engine.Dispose();
        foreach (var buffer in memory)
            buffer.Dispose();
        shared.Dispose();
        input.Dispose();
        output.Dispose();
        scratch.Dispose();
        reading.Dispose();
    }

    private double Seconds(Action<int> layer)
    {
        layer(0);
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < dense.Count; i++)
            layer(i);
        return clock.Elapsed.TotalSeconds / dense.Count;
    }

    private Matrix Weights(int rows, int columns, bool twice = false)
    {
        var data = new NativeBuffer((long)rows * columns * Matrix.SizeOf(format));
        memory.Add(data);
        RandomWeights.Fill(data.Data, (long)rows * columns, format, memory.Count, 1 / Math.Sqrt(shape.Width));
        float* scales = null;
        if (format == WeightFormat.Int8)
        {
            var factors = NativeBuffer.Of<float>(2L * rows);
            memory.Add(factors);
            new Span<float>(factors.Data, 2 * rows).Fill((float)(1 / Math.Sqrt(shape.Width) / 40));
            scales = factors.Floats;
        }

        return new Matrix(data.Data, rows, columns, format, scales);
    }

    // All records are loaded and multiplied, those of idle units by 0.
    private void Masked(int layer)
    {
        var (predictor, records) = parts[layer];
        var scores = scratch.Floats;
        engine.Linear(predictor, input.Floats, shape.Width, 1, scores, shape.SparkHidden);
        var theta = engine.Kernel.Threshold(scores, shape.SparkHidden, StatisticalTopK.Factor(shape.SparkUnits, shape.SparkHidden));
        var indices = (int*)shared.Units.Data;
        var activations = shared.Units.Floats + shape.SparkHidden;
        for (var i = 0; i < shape.SparkHidden; i++)
        {
            indices[i] = i;
            activations[i] = MathF.Max(scores[i] - theta, 0);
        }

        engine.Kernel.Gate(activations, shared.Ones.Floats, shape.SparkHidden, gelu: true);
        var q2 = input.Floats + shape.SparkInputs;
        var blocks = 16;
        engine.Run(blocks, part =>
        {
            var y = shared.Parts.Floats + (part * shared.PartStride);
            int first = (int)((long)shape.SparkHidden * part / blocks), end = (int)((long)shape.SparkHidden * (part + 1) / blocks);
            engine.Kernel.SparseRecords(records, shape.Width - shape.SparkInputs, indices + first, activations + first, end - first, q2, y);
        });
    }

    // K2 unit by unit, as it should be; V row by row of the output [d, d_ff], where an active unit is a single number far from the next.
    private void WrongLayout(int layer)
    {
        var (predictor, records) = parts[layer];
        var scores = scratch.Floats;
        engine.Linear(predictor, input.Floats, shape.Width, 1, scores, shape.SparkHidden);
        var theta = engine.Kernel.Threshold(scores, shape.SparkHidden, StatisticalTopK.Factor(shape.SparkUnits, shape.SparkHidden));
        var indices = (int*)shared.Units.Data;
        var activations = shared.Units.Floats + shape.SparkHidden;
        var count = engine.Kernel.Collect(scores, shape.SparkHidden, theta, indices);
        for (var i = 0; i < count; i++)
            activations[i] = scores[indices[i]] - theta;
        engine.Kernel.Gate(activations, shared.Ones.Floats, count, gelu: true);
        var dot = shape.Width - shape.SparkInputs;
        var k2 = records with { Columns = dot, Stride = (long)dot * Matrix.SizeOf(format), Rows = shape.SparkHidden };
        var v = (nint)records.Row(0) + ((nint)shape.SparkHidden * dot * Matrix.SizeOf(format));
        var q2 = input.Floats + shape.SparkInputs;
        engine.Run(16, part =>
        {
            float one;
            for (var i = (int)((long)count * part / 16); i < (int)((long)count * (part + 1) / 16); i++)
            {
                engine.Kernel.MatVec(k2, q2, &one, indices[i], 1);
                activations[i] *= one;
            }
        });
        engine.Run(shape.Width / 16, block =>
        {
            for (var row = block * 16; row < (block + 1) * 16; row++)
            {
                var sum = 0f;
                for (var i = 0; i < count; i++)
                    sum += activations[i] * Element(v, ((long)row * shape.SparkHidden) + indices[i]);
                output.Floats[row] = sum;
            }
        });
    }

    private float Element(nint data, long at) => format switch
    {
        WeightFormat.BFloat16 => ElementBf16.Scalar((byte*)data + (2 * at)),
        WeightFormat.Float32 => ElementF32.Scalar((byte*)data + (4 * at)),
        _ => ElementI8.Scalar((byte*)data + at),
    };
}
