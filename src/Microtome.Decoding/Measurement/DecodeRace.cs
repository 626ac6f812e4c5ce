using System.Diagnostics;

namespace Microtome.Decoding;

/// <summary>A dense and a Spark decoder of one shape with random weights take turns; the best turn of each counts.</summary>
public sealed class DecodeRace : IDisposable
{
    private readonly DecoderModel dense;
    private readonly DecoderModel spark;

    /// <summary>Fills the weights.</summary>
    public DecodeRace(DecoderShape shape, WeightFormat format)
    {
        dense = DecoderModel.Random(shape.Config(spark: false), format, 1);
        try
        {
            spark = DecoderModel.Random(shape.Config(spark: true), format, 2);
        }
        catch
        {
            dense.Dispose();
            throw;
        }
    }

    /// <summary>Bytes that both models take.</summary>
    public static long MemoryOf(DecoderShape shape, WeightFormat format) =>
        Matrix.SizeOf(format) * ((long)shape.Layers * ((6L * shape.Width * shape.Hidden) + (2L * shape.Width * 6144)) + (2L * shape.Vocabulary * shape.Width));

    /// <summary>Decoding after prompts of <paramref name="prompt"/> tokens (made up: their keys and values are random).</summary>
    /// <param name="threads">Threads.</param>
    /// <param name="prompt">Tokens before.</param>
    /// <param name="tokens">Tokens of a turn.</param>
    /// <param name="turns">Turns of each.</param>
    /// <param name="search">A third arm: Spark with the exact top-token search.</param>
    /// <param name="cancellation">Looked at between turns.</param>
    public DecodeTimes Decode(int threads, int prompt, int tokens, int turns, bool search, CancellationToken cancellation)
    {
        var context = prompt + ((turns + 1) * tokens) + 1;
        using var one = new Decoder(dense, new() { Threads = threads, Context = context, Chunk = 1 });
        using var two = new Decoder(spark, new() { Threads = threads, Context = context, Chunk = 1 });
        using var three = search ? new Decoder(spark, new() { Threads = threads, Context = context, Chunk = 1, TopSearch = true }) : null;
        foreach (var decoder in (Decoder?[])[one, two, three])
            decoder?.Pretend(0, prompt);
        double d = double.MaxValue, s = d, q = d;
        long denseBytes = 0, sparkBytes = 0, searchBytes = 0;
        // The first turn warms up.
        for (var turn = 0; turn <= turns; turn++)
        {
            cancellation.ThrowIfCancellationRequested();
            var kept = turn == 0 ? double.MaxValue : d;
            d = Math.Min(kept, Turn(one, tokens));
            denseBytes = dense.BytesRead + one.CacheBytesRead(0);
            kept = turn == 0 ? double.MaxValue : s;
            s = Math.Min(kept, Turn(two, tokens));
            sparkBytes = spark.BytesRead + two.CacheBytesRead(0);
            if (three is null)
                continue;
            kept = turn == 0 ? double.MaxValue : q;
            q = Math.Min(kept, Turn(three, tokens));
            searchBytes = spark.BytesRead - spark.Head.Bytes + (three.SearchCost?.Bytes ?? spark.Head.Bytes) + three.CacheBytesRead(0);
        }

        return new DecodeTimes(d, s, three is null ? 0 : q, denseBytes, sparkBytes, searchBytes, three?.SearchCost?.Rows ?? 0);
    }

    /// <summary>Seconds a token of a prompt through all layers in chunks, without logits.</summary>
    public (double Dense, double Spark) Prefill(int threads, int tokens, int chunk, int turns, CancellationToken cancellation)
    {
        double d = double.MaxValue, s = d;
        using var one = new Decoder(dense, new() { Threads = threads, Context = tokens, Chunk = chunk });
        using var two = new Decoder(spark, new() { Threads = threads, Context = tokens, Chunk = chunk });
        int[] text = [.. Enumerable.Range(0, tokens).Select(i => (int)((i * 2654435761L) % dense.Config.Vocabulary))];
        for (var turn = 0; turn < turns; turn++)
        {
            d = Math.Min(d, Prompt(one));
            s = Math.Min(s, Prompt(two));
        }

        return (d, s);

        double Prompt(Decoder decoder)
        {
            var clock = Stopwatch.StartNew();
            decoder.Append(0, text, withLogits: false, cancellation);
            var seconds = clock.Elapsed.TotalSeconds / tokens;
            decoder.Truncate(0);
            return seconds;
        }
    }

    /// <summary>Floating-point operations of a token of a prompt in the dense model, logits apart, averaged over positions below <paramref name="tokens"/>.</summary>
    public double DenseOperations(int tokens)
    {
        var c = dense.Config;
        var matrices = 2.0 * ((3.0 * c.Width * c.Hidden) + (2.0 * c.Width * c.HeadWidth * (c.Heads + c.KeyHeads)));
        var attention = 4.0 * c.HeadWidth * c.Heads * (tokens + 1) / 2;
        return c.Layers * (matrices + attention);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        dense.Dispose();
        spark.Dispose();
    }

    private static double Turn(Decoder decoder, int tokens)
    {
        Span<int> token = [1];
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < tokens; i++)
            token[0] = decoder.Greedy(0, token);
        return clock.Elapsed.TotalSeconds / tokens;
    }
}
