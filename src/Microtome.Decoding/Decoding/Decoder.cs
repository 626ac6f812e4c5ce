namespace Microtome.Decoding;

/// <summary>
/// Runs a model over sequences of tokens and keeps their keys and values. A step of one token allocates nothing on the managed heap. Results depend on the model, the tokens and the instruction set, and not on the number
/// of threads. For one caller at a time.
/// </summary>
public sealed unsafe class Decoder : IDisposable
{
    private readonly DecoderModel model;
    private readonly DecoderConfig config;
    private readonly DecoderOptions options;
    private readonly Engine engine;
    private readonly Attention attention;
    private readonly KeyCache cache;
    private readonly NativeBuffer state;
    private readonly NativeBuffer places;
    private readonly NativeBuffer logits;
    private readonly NativeBuffer scratch;
    private readonly int[] lengths;
    private readonly int mostRows;
    private readonly Action<int> normRow;
    private readonly Action<int> sumRow;
    private readonly Action<int> capBlock;
    private readonly TopSearch? search;
    private int lastRow;
    private float* from;
    private float* to;
    private float* weight;

    /// <summary>Takes the memory.</summary>
    /// <exception cref="DecodingException">An option that the model cannot honour.</exception>
    public Decoder(DecoderModel model, DecoderOptions? options = null)
    {
        this.model = model;
        this.options = options ??= new();
        config = model.Config;
        Context = options.Context ?? config.Context;
        if (Context < 1 || Context > config.Context)
            throw new DecodingException($"A context of {Context} tokens: the model was made for 1 to {config.Context}.");
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Sequences, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Chunk, 1);
        mostRows = Math.Max(Math.Min(options.Chunk, Context), options.Sequences);
        engine = new Engine(options.Threads, options.Instructions);
        attention = new Attention(config, Context, mostRows);
        cache = new KeyCache(config, options.Sequences, Context);
        lengths = new int[options.Sequences];
        // Residual, normed input, output, queries, keys, values, attended.
        state = NativeBuffer.Of<float>((long)mostRows * ((3L * config.Width) + (2L * config.Heads * config.HeadWidth) + (2L * config.KeyHeads * config.HeadWidth) + 64));
        places = NativeBuffer.Of<int>(2L * mostRows);
        logits = NativeBuffer.Of<float>((long)options.Sequences * config.Vocabulary);
        scratch = NativeBuffer.Of<float>(model.Layers.Max(l => l.FeedForward.ScratchFloats(mostRows)), clear: false);
        // An 8-bit matrix is as small as its copy would be.
        search = options.TopSearch && model.Head.Format != WeightFormat.Int8 ? new TopSearch(model.Head, options.Threads) : null;
        normRow = NormRow;
        sumRow = SumRow;
        capBlock = CapBlock;
    }

    /// <summary>Positions of a sequence.</summary>
    public int Context { get; }

    /// <summary>Sequences side by side.</summary>
    public int Sequences => options.Sequences;

    /// <summary>Bytes that the threads of the pool have allocated on the managed heap; the caller's own come on top.</summary>
    internal long AllocatedBytes => engine.AllocatedBytes;

    internal Engine Engine => engine;

    /// <summary>Rows of the output matrix that the last <see cref="Greedy"/> read in full, and the bytes it read for them; null without <see cref="DecoderOptions.TopSearch"/>.</summary>
    public (int Rows, long Bytes)? SearchCost => search is null ? null : (search.Computed, search.BytesRead);

    /// <summary>Tokens of a sequence so far.</summary>
    public int Length(int sequence) => lengths[sequence];

    /// <summary>Forgets a sequence, or its end: it keeps the first <paramref name="length"/> tokens.</summary>
    public void Truncate(int sequence, int length = 0) => lengths[sequence] = length >= 0 && length <= lengths[sequence] ? length : throw new ArgumentOutOfRangeException(nameof(length));

    /// <summary>Logits [vocabulary] after the last token of a sequence; valid until the next step.</summary>
    public Span<float> Logits(int sequence) => new(logits.Floats + ((long)sequence * config.Vocabulary), config.Vocabulary);

    /// <summary>Appends tokens to a sequence, chunk by chunk. Cancelled, the sequence keeps the whole chunks that were done.</summary>
    /// <param name="sequence">Which.</param>
    /// <param name="tokens">At least one.</param>
    /// <param name="withLogits">Compute the logits after the last one.</param>
    /// <param name="cancellation">Looked at between chunks.</param>
    /// <exception cref="DecodingException">A token that the model does not have, or more than the context holds.</exception>
    public void Append(int sequence, ReadOnlySpan<int> tokens, bool withLogits = true, CancellationToken cancellation = default)
    {
        Check(sequence, tokens);
        while (tokens.Length > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            var count = Math.Min(Math.Min(options.Chunk, mostRows), tokens.Length);
            for (var i = 0; i < count; i++)
                Place(i, sequence, lengths[sequence] + i, tokens[i]);
            Layers(count);
            lengths[sequence] += count;
            lastRow = count - 1;
            tokens = tokens[count..];
            if (tokens.Length == 0 && withLogits)
                Answer(count - 1, sequence, 1);
        }
    }

    /// <summary>
    /// Appends tokens to a sequence and returns the likeliest next one, of logits before their cap (which keeps their order). The answer is the same with and without <see cref="DecoderOptions.TopSearch"/>; with
    /// it, <see cref="Logits"/> are left as they were.
    /// </summary>
    /// <inheritdoc cref="Append"/>
    public int Greedy(int sequence, ReadOnlySpan<int> tokens, CancellationToken cancellation = default)
    {
        Append(sequence, tokens, withLogits: false, cancellation);
        var last = Residual + ((long)lastRow * config.Width);
        Norm(1, last, model.FinalNorm, Normed);
        if (search is not null)
            return search.Find(engine, Normed);
        var all = logits.Floats + ((long)sequence * config.Vocabulary);
        engine.Linear(model.Head, Normed, config.Width, 1, all, config.Vocabulary);
        return Sampler.Largest(new ReadOnlySpan<float>(all, config.Vocabulary));
    }

    /// <summary>Appends one token to each of several sequences (each at most once) and computes their logits; weights are read once for all.</summary>
    /// <exception cref="DecodingException">A token that the model does not have, or a full context.</exception>
    public void Step(ReadOnlySpan<int> sequences, ReadOnlySpan<int> tokens)
    {
        if (sequences.Length != tokens.Length || tokens.Length == 0 || tokens.Length > Sequences)
            throw new ArgumentException($"{tokens.Length} tokens for {sequences.Length} sequences.", nameof(tokens));
        for (var i = 0; i < tokens.Length; i++)
        {
            Check(sequences[i], tokens.Slice(i, 1));
            Place(i, sequences[i], lengths[sequences[i]], tokens[i]);
        }

        Layers(tokens.Length);
        for (var i = 0; i < tokens.Length; i++)
            lengths[sequences[i]]++;
        // Neighbours in rows and sequences share the output matrix.
        var first = 0;
        for (var i = 1; i <= tokens.Length; i++)
        {
            if (i < tokens.Length && sequences[i] == sequences[i - 1] + 1)
                continue;
            Answer(first, sequences[first], i - first);
            first = i;
        }
    }

    /// <summary>For measurements: a sequence has so many tokens whose keys and values are random.</summary>
    internal void Pretend(int sequence, int length)
    {
        for (var layer = 0; layer < config.Layers; layer++)
        {
            for (var head = 0; head < config.KeyHeads; head++)
            {
                RandomWeights.Fill(cache.First(layer, sequence, head), (long)length * cache.FirstWidth, WeightFormat.Float32, layer, 1);
                RandomWeights.Fill(cache.Second(layer, sequence, head), (long)length * cache.SecondWidth, WeightFormat.Float32, layer, 1);
            }
        }

        lengths[sequence] = length;
    }

    /// <summary>Bytes of keys and values that a step reads at this length; in Spark attention as if every query head had chosen other keys, up to all of them.</summary>
    internal long CacheBytesRead(int sequence)
    {
        long sum = 0;
        for (var layer = 0; layer < config.Layers; layer++)
        {
            long seen = config.IsLocal(layer) ? Math.Min(config.Window, lengths[sequence]) : lengths[sequence];
            var chosen = config.SparkKeyWidth == 0 ? seen : Math.Min(seen, (long)config.SparkKeys * config.Heads / config.KeyHeads);
            sum += sizeof(float) * config.KeyHeads * ((seen * cache.FirstWidth) + (chosen * cache.SecondWidth));
        }

        return sum;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        engine.Dispose();
        attention.Dispose();
        cache.Dispose();
        state.Dispose();
        places.Dispose();
        logits.Dispose();
        scratch.Dispose();
        search?.Dispose();
    }

    private float* Residual => state.Floats;

    private float* Normed => Residual + ((long)mostRows * config.Width);

    private float* Result => Normed + ((long)mostRows * config.Width);

    private int* RowSequences => (int*)places.Data;

    private int* RowPositions => RowSequences + mostRows;

    private void Check(int sequence, ReadOnlySpan<int> tokens)
    {
        if ((uint)sequence >= (uint)lengths.Length)
            throw new ArgumentOutOfRangeException(nameof(sequence), sequence, $"There are {lengths.Length} sequences.");
        if (tokens.Length == 0)
            throw new DecodingException("There is no token to begin with: the prompt is empty and the model has no token that begins a text.");
        if (tokens.Length > Context - lengths[sequence])
            throw new DecodingException($"The prompt has {lengths[sequence] + tokens.Length} tokens, but the context holds {Context}. Shorten it or raise --context (this model was made for {config.Context}).");
        foreach (var token in tokens)
        {
            if ((uint)token >= (uint)config.Vocabulary)
                throw new DecodingException($"Token {token} does not exist: the model has {config.Vocabulary}. Does the tokenizer belong to this model?");
        }
    }

    private void Place(int row, int sequence, int position, int token)
    {
        RowSequences[row] = sequence;
        RowPositions[row] = position;
        var x = Residual + ((long)row * config.Width);
        var e = model.Embedding;
        var source = e.Row(token);
        var scale = config.EmbeddingScale * (e.Scales == 0 ? 1 : *e.ScalesAt(token));
        for (var i = 0; i < config.Width; i++)
        {
            x[i] = scale * (e.Format switch
            {
                WeightFormat.BFloat16 => ElementBf16.Scalar(source + (2L * i)),
                WeightFormat.Float32 => ElementF32.Scalar(source + (4L * i)),
                _ => ElementI8.Scalar(source + i),
            });
        }
    }

    private void Layers(int rows)
    {
        int width = config.Width, queryWidth = config.Heads * config.HeadWidth, keyWidth = config.KeyHeads * config.HeadWidth;
        var queries = Result + ((long)mostRows * width);
        var attended = queries + ((long)mostRows * queryWidth);
        var keys = attended + ((long)mostRows * queryWidth);
        var values = keys + ((long)mostRows * keyWidth);
        for (var i = 0; i < model.Layers.Count; i++)
        {
            var layer = model.Layers[i];
            Norm(rows, Residual, layer.InputNorm, Normed);
            engine.Linear(layer.Query, Normed, width, rows, queries, queryWidth);
            engine.Linear(layer.Key, Normed, width, rows, keys, keyWidth);
            engine.Linear(layer.Value, Normed, width, rows, values, keyWidth);
            attention.Run(engine, cache, i, rows, RowSequences, RowPositions, queries, keys, values, attended);
            engine.Linear(layer.Output, attended, queryWidth, rows, Result, width);
            Sum(rows, layer.AttentionNorm);
            Norm(rows, Residual, layer.FeedForwardNorm, Normed);
            layer.FeedForward.Run(engine, Normed, rows, Result, scratch.Floats);
            Sum(rows, layer.OutputNorm);
        }
    }

    private void Answer(int row, int sequence, int count)
    {
        Norm(count, Residual + ((long)row * config.Width), model.FinalNorm, Normed);
        to = logits.Floats + ((long)sequence * config.Vocabulary);
        engine.Linear(model.Head, Normed, config.Width, count, to, config.Vocabulary);
        if (config.LogitCap > 0)
        {
            answered = count;
            engine.Run(CapBlocks, capBlock);
        }
    }

    private const int CapBlocks = 8;

    private int answered;

    private void CapBlock(int block)
    {
        var all = (long)answered * config.Vocabulary;
        var first = all * block / CapBlocks;
        engine.Kernel.SoftCap(to + first, (int)((all * (block + 1) / CapBlocks) - first), config.LogitCap);
    }

    private void Norm(int rows, float* x, nint norm, float* y)
    {
        from = x;
        to = y;
        weight = (float*)norm;
        engine.Run(rows, normRow);
    }

    private void NormRow(int row) => engine.Kernel.RmsNorm(from + ((long)row * config.Width), weight, to + ((long)row * config.Width), config.Width, config.Epsilon);

    // Residual += norm(result).
    private void Sum(int rows, nint norm)
    {
        weight = (float*)norm;
        engine.Run(rows, sumRow);
    }

    private void SumRow(int row)
    {
        var y = Result + ((long)row * config.Width);
        if (weight != null)
            engine.Kernel.RmsNorm(y, weight, y, config.Width, config.Epsilon);
        engine.Kernel.Add(Residual + ((long)row * config.Width), y, config.Width);
    }
}
