namespace Microtome.Decoding;

/// <summary>
/// Spark feed-forward (Spark Transformer, section 3.2): the first r inputs predict which hidden units fire (K1, read as a whole), the rest give their values (K2) for those units alone, and V sums them up:
/// s = K1 q1, a = GELU(max(s - theta, 0)), y = sum_j a_j (K2_j . q2) V_j.
/// </summary>
internal sealed unsafe class SparkFeedForward : FeedForward
{
    // Fixed, so that sums do not depend on the number of threads.
    private const int Parts = 16;
    private const int LeastPart = 32;

    // Tokens at a time in the sparse half: their values stay in the second-level cache.
    private const int Chunk = 128;
    private const int UnitBlock = 64;
    private const int ColumnBlock = 128;

    private readonly Matrix predictor;
    private readonly Matrix records;
    private readonly int dot;
    private readonly float factor;
    private readonly NativeBuffer units;
    private readonly NativeBuffer parts;
    private readonly Action<int> partBlock;
    private readonly Action<int> tokenBlock;
    private readonly Action<int> unitBlock;
    private readonly Action<int> columnBlock;
    private readonly Shared shared;
    private Engine? engine;
    private float* input;
    private float* output;
    private float* scores;
    private int active;
    private int partCount;
    private long pairs;

    /// <param name="predictor">K1 [d_ff, r].</param>
    /// <param name="records">[d_ff, (d - r) + d]: a unit's column of K2, then of V.</param>
    /// <param name="k">Units that should fire.</param>
    /// <param name="shared">Memory that all layers of a model use in turn.</param>
    public SparkFeedForward(Matrix predictor, Matrix records, int k, Shared shared)
        : base((records.Columns + predictor.Columns) / 2)
    {
        this.predictor = predictor;
        this.records = records;
        this.shared = shared;
        dot = Width - predictor.Columns;
        factor = StatisticalTopK.Factor(k, predictor.Rows);
        units = shared.Units;
        parts = shared.Parts;
        partBlock = PartBlock;
        tokenBlock = TokenBlock;
        unitBlock = UnitsBlock;
        columnBlock = ColumnsBlock;
    }

    public override long Bytes => predictor.Bytes + records.Bytes;

    public override double Active => (double)pairs / predictor.Rows;

    public override long BytesRead => predictor.Bytes + (long)(pairs * (double)records.Bytes / records.Rows);

    private int Hidden => predictor.Rows;

    public override long ScratchFloats(int tokens) => (long)tokens * Hidden;

    public override void Run(Engine engine, float* x, int tokens, float* y, float* scratch)
    {
        this.engine = engine;
        scores = scratch;
        engine.Linear(predictor, x, Width, tokens, scores, Hidden);
        if (tokens == 1)
        {
            One(x, y);
            return;
        }

        long sum = 0;
        for (var first = 0; first < tokens; first += Chunk)
        {
            var count = Math.Min(Chunk, tokens - first);
            Some(x + ((long)first * Width), scores + ((long)first * Hidden), count, y + ((long)first * Width));
            sum += pairs;
        }

        pairs = sum / tokens;
    }

    /// <summary>The units of a token that fire, and their activations; returns how many.</summary>
    private int Fire(float* s, int* indices, float* activations)
    {
        var kernel = engine!.Kernel;
        var theta = kernel.Threshold(s, Hidden, factor);
        var count = kernel.Collect(s, Hidden, theta, indices);
        // Without a threshold (k = d_ff) nothing is subtracted.
        var subtract = float.IsNegativeInfinity(theta) ? 0 : theta;
        for (var i = 0; i < count; i++)
            activations[i] = s[indices[i]] - subtract;
        kernel.Gate(activations, shared.Ones.Floats, count, gelu: true);
        return count;
    }

    private void One(float* x, float* y)
    {
        input = x + predictor.Columns;
        active = Fire(scores, (int*)units.Data, units.Floats + Hidden);
        pairs = active;
        partCount = Math.Clamp(active / LeastPart, 1, Parts);
        engine!.Run(partCount, partBlock);
        Buffer.MemoryCopy(parts.Floats, y, Width * sizeof(float), Width * sizeof(float));
        for (var p = 1; p < partCount; p++)
            engine.Kernel.Add(y, parts.Floats + (p * shared.PartStride), Width);
    }

    private void PartBlock(int part)
    {
        var y = parts.Floats + (part * shared.PartStride);
        new Span<float>(y, Width).Clear();
        var first = (int)((long)active * part / partCount);
        var end = (int)((long)active * (part + 1) / partCount);
        engine!.Kernel.SparseRecords(records, dot, (int*)units.Data + first, units.Floats + Hidden + first, end - first, input, y);
    }

    private void Some(float* x, float* s, int tokens, float* y)
    {
        input = x + predictor.Columns;
        output = y;
        scores = s;
        shared.Reserve();
        engine!.Run(tokens, tokenBlock);
        // Lists by token become lists by unit.
        var starts = shared.Starts;
        new Span<int>(starts, Hidden + 1).Clear();
        for (var t = 0; t < tokens; t++)
        {
            var list = shared.UnitsOf(t);
            for (var i = 0; i < shared.Counts[t]; i++)
                starts[list[i] + 1]++;
        }

        for (var j = 0; j < Hidden; j++)
            starts[j + 1] += starts[j];
        pairs = starts[Hidden];
        for (var t = 0; t < tokens; t++)
        {
            var list = shared.UnitsOf(t);
            var values = shared.ActivationsOf(t);
            for (var i = 0; i < shared.Counts[t]; i++)
            {
                var at = starts[list[i]]++;
                shared.Tokens[at] = t;
                shared.Products[at] = values[i];
            }
        }

        // Each start has moved on to the next unit's.
        for (var j = Hidden; j > 0; j--)
            starts[j] = starts[j - 1];
        starts[0] = 0;
        engine.Run((Hidden + UnitBlock - 1) / UnitBlock, unitBlock);
        new Span<float>(y, tokens * Width).Clear();
        engine.Run((Width + ColumnBlock - 1) / ColumnBlock, columnBlock);
    }

    private void TokenBlock(int t) => shared.Counts[t] = Fire(scores + ((long)t * Hidden), shared.UnitsOf(t), shared.ActivationsOf(t));

    private void UnitsBlock(int block)
    {
        var first = block * UnitBlock;
        engine!.Kernel.SparseProducts(records, dot, shared.Starts, shared.Tokens, shared.Products, first, Math.Min(UnitBlock, Hidden - first), input, Width);
    }

    private void ColumnsBlock(int block)
    {
        var first = block * ColumnBlock;
        engine!.Kernel.SparseSums(records, dot, first, Math.Min(ColumnBlock, Width - first), shared.Starts, shared.Tokens, shared.Products, output, Width);
    }

    /// <summary>Memory that all layers of a model use in turn.</summary>
    public sealed class Shared : IDisposable
    {
        private readonly int hidden;
        private NativeBuffer? lists;

        public Shared(int width, int hidden)
        {
            this.hidden = hidden;
            PartStride = (width + 15) / 16 * 16;
            Units = NativeBuffer.Of<int>(2L * hidden);
            Parts = NativeBuffer.Of<float>((long)SparkFeedForward.Parts * PartStride);
            Ones = NativeBuffer.Of<float>(hidden);
            new Span<float>(Ones.Data, hidden).Fill(1);
        }

        public int PartStride { get; }

        public NativeBuffer Units { get; }

        public NativeBuffer Parts { get; }

        public NativeBuffer Ones { get; }

        public int* Counts => (int*)lists!.Data;

        public int* Starts => Counts + Chunk;

        // Four areas of all possible pairs: by token the units and activations, by unit the tokens and products.
        private int* Area(int index) => Starts + hidden + 16 + ((long)index * Chunk * hidden);

        public int* Tokens => Area(2);

        public float* Products => (float*)Area(3);

        public int* UnitsOf(int token) => Area(0) + ((long)token * hidden);

        public float* ActivationsOf(int token) => (float*)Area(1) + ((long)token * hidden);

        /// <summary>Takes the memory for many tokens when they come for the first time.</summary>
        public void Reserve() => lists ??= NativeBuffer.Of<int>(Chunk + hidden + 16 + (4L * Chunk * hidden));

        /// <inheritdoc/>
        public void Dispose()
        {
            Units.Dispose();
            Parts.Dispose();
            Ones.Dispose();
            lists?.Dispose();
        }
    }
}
