namespace Microtome.Language;

/// <summary>
/// Span filling (Raffel et al. 2020, 3.1.4): spans of the text are cut out, a sentinel stands where each was, and the answer is each sentinel with its span. Noise and text are parted at random into
/// equally many spans, text first, so that lengths are the same in every row.
/// </summary>
public sealed class SpanObjective : TextObjective
{
    private readonly SpanOptions options;
    private readonly IReadOnlyList<int> sentinels;
    private readonly int end;
    private readonly int start;
    private readonly int noise;
    private readonly int spans;
    private readonly int answer;

    /// <summary>Makes the objective.</summary>
    /// <exception cref="TextException">The vocabulary lacks sentinels or an end token.</exception>
    public SpanObjective(ITokenizer tokenizer, SpanOptions options)
        : base(options.Seed)
    {
        this.options = options;
        if (options.NoiseShare is not (> 0 and < 1) || options.MeanSpan < 1)
            throw new ArgumentOutOfRangeException(nameof(options), "The noise is a share between 0 and 1, and a span has at least one token.");
        sentinels = tokenizer.Special.Sentinels;
        end = tokenizer.Special.Eos ?? tokenizer.Special.Sep ?? throw new TextException("This vocabulary has no token that ends a text (</s>, <|endoftext|>, [SEP]), which span filling needs.");
        start = tokenizer.Special.Pad ?? tokenizer.Special.Bos ?? tokenizer.Special.Cls ?? end;
        // The longest text whose input fits.
        var length = 1;
        while (Sizes(length + 1, options) is var next && next.Input <= options.InputLength)
            length++;
        WindowLength = length;
        (noise, spans, var input, answer) = Sizes(length, options);
        if (length < 2 || input > options.InputLength)
            throw new ArgumentOutOfRangeException(nameof(options), options.InputLength, "An input needs room for a token, a sentinel and an end.");
        if (sentinels.Count < spans)
            throw new TextException($"Inputs of {options.InputLength} tokens have {spans} spans, and the vocabulary has {sentinels.Count} sentinels (<extra_id_0>, <extra_id_1>, ...). Train the tokenizer with --sentinels {spans} or more.");
        InputTokens = input;
    }

    /// <summary>Tokens of the text with sentinels and end; it may be one less than was asked for.</summary>
    public int InputTokens { get; }

    /// <summary>Tokens of the answer with its end.</summary>
    public int AnswerTokens => answer;

    /// <inheritdoc/>
    public override int WindowLength { get; }

    /// <inheritdoc/>
    public override int Length => options.Form == SpanForm.SingleStream ? InputTokens + answer - 1 : InputTokens;

    /// <inheritdoc/>
    public override int TargetLength => options.Form == SpanForm.SingleStream ? Length : answer;

    private protected override bool HasDecoder => options.Form == SpanForm.EncoderDecoder;

    private protected override void Make(ReadOnlySpan<int> window, KeyedRandom random, TextBatch batch, int row)
    {
        var noisy = Part(noise, spans, ref random);
        var kept = Part(window.Length - noise, spans, ref random);
        var input = new List<int>(InputTokens);
        var target = new List<int>(answer);
        var at = 0;
        for (var i = 0; i < spans; i++)
        {
            foreach (var id in window.Slice(at, kept[i]))
                input.Add(id);
            at += kept[i];
            input.Add(sentinels[i]);
            target.Add(sentinels[i]);
            foreach (var id in window.Slice(at, noisy[i]))
                target.Add(id);
            at += noisy[i];
        }

        input.Add(end);
        target.Add(end);
        if (options.Form == SpanForm.EncoderDecoder)
        {
            for (var i = 0; i < input.Count; i++)
                batch.Inputs[(row * Length) + i] = input[i];
            for (var i = 0; i < target.Count; i++)
            {
                batch.Targets[(row * TargetLength) + i] = target[i];
                batch.DecoderInputs![(row * TargetLength) + i] = i == 0 ? start : target[i - 1];
            }

            return;
        }

        int[] stream = [.. input, .. target];
        for (var i = 0; i < Length; i++)
        {
            batch.Inputs[(row * Length) + i] = stream[i];
            batch.Targets[(row * Length) + i] = i + 1 < InputTokens ? TextBatch.Ignored : stream[i + 1];
        }
    }

    private static (int Noise, int Spans, int Input, int Answer) Sizes(int length, SpanOptions options)
    {
        var cut = Math.Clamp((int)Math.Round(length * options.NoiseShare), 1, Math.Max(1, length - 1));
        var parts = Math.Clamp((int)Math.Round(cut / options.MeanSpan), 1, Math.Max(1, Math.Min(cut, length - cut)));
        return (cut, parts, length - cut + parts + 1, cut + parts + 1);
    }

    // Lengths of at least 1 with a given sum, every way equally likely.
    private static int[] Part(int total, int parts, ref KeyedRandom random)
    {
        var begins = new bool[total - 1];
        begins.AsSpan(0, parts - 1).Fill(true);
        random.Shuffle(begins.AsSpan());
        var lengths = new int[parts];
        var part = 0;
        for (var i = 0; i < total; i++)
        {
            if (i > 0 && begins[i - 1])
                part++;
            lengths[part]++;
        }

        return lengths;
    }
}
