namespace Microtome.Language;

/// <summary>
/// Masked language modelling (Devlin et al. 2019, 3.1): of a sequence's tokens 15 % are to be found, 80 % of which are hidden by [MASK], 10 % replaced by a random token and 10 % left. Exactly
/// round(0.15 n) of the n tokens that are not special, at least one, are chosen; with whole words at most as many, word by word.
/// </summary>
public sealed class MaskedLanguageObjective : TextObjective
{
    private readonly ITokenizer tokenizer;
    private readonly MaskedLanguageOptions options;
    private readonly int mask;
    private readonly int? first;
    private readonly int? last;
    private readonly int[] plain;

    /// <summary>Makes the objective.</summary>
    /// <exception cref="TextException">The vocabulary has no mask token.</exception>
    public MaskedLanguageObjective(ITokenizer tokenizer, MaskedLanguageOptions options)
        : base(options.Seed)
    {
        this.tokenizer = tokenizer;
        this.options = options;
        mask = tokenizer.Special.Mask ?? throw new TextException("This vocabulary has no mask token ([MASK] or <mask>), which masked language modelling needs. Train a tokenizer of the kind wordpiece, or one with --special '<mask>'.");
        if (options.Share is not (> 0 and <= 1) || options.MaskShare is not (>= 0 and <= 1) || options.RandomShare < 0 || options.MaskShare + options.RandomShare > 1 + 1e-9)
            throw new ArgumentOutOfRangeException(nameof(options), "Shares are from 0 to 1, and those of masks and random tokens together at most 1.");
        if (options.AddSpecial)
            (first, last) = (tokenizer.Special.Cls, tokenizer.Special.Sep);
        WindowLength = options.Length - (first is null ? 0 : 1) - (last is null ? 0 : 1);
        if (WindowLength < 1)
            throw new ArgumentOutOfRangeException(nameof(options), options.Length, "A sequence needs room for a token besides those that are added.");
        plain = [.. Enumerable.Range(0, tokenizer.VocabularySize).Where(id => !tokenizer.IsSpecial(id) && tokenizer.Token(id) is not null)];
    }

    /// <inheritdoc/>
    public override int Length => options.Length;

    /// <inheritdoc/>
    public override int WindowLength { get; }

    private protected override void Make(ReadOnlySpan<int> window, KeyedRandom random, TextBatch batch, int row)
    {
        var inputs = batch.Inputs.AsSpan(row * Length, Length);
        var targets = batch.Targets.AsSpan(row * Length, Length);
        targets.Fill(TextBatch.Ignored);
        var shift = 0;
        if (first is { } begin)
            inputs[shift++] = begin;
        if (last is { } end)
            inputs[^1] = end;
        for (var i = 0; i < window.Length; i++)
            inputs[shift + i] = window[i];
        foreach (var place in Choose(window, ref random))
        {
            targets[shift + place] = window[place];
            var draw = random.Unit();
            if (draw < options.MaskShare)
                inputs[shift + place] = mask;
            else if (draw < options.MaskShare + options.RandomShare)
                inputs[shift + place] = plain[random.Below(plain.Length)];
        }
    }

    private List<int> Choose(ReadOnlySpan<int> window, ref KeyedRandom random)
    {
        var groups = new List<(int From, int To)>();
        var candidates = 0;
        for (var i = 0; i < window.Length; i++)
        {
            if (tokenizer.IsSpecial(window[i]))
                continue;
            candidates++;
            var goesOn = options.WholeWords && groups.Count > 0 && groups[^1].To == i && !tokenizer.IsWordStart(window[i]);
            if (goesOn)
                groups[^1] = (groups[^1].From, i + 1);
            else
                groups.Add((i, i + 1));
        }

        var chosen = new List<int>();
        var wanted = Math.Max(1, (int)Math.Round(candidates * options.Share));
        random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(groups));
        foreach (var (from, to) in groups)
        {
            // A word that does not fit is passed over, as in BERT's own code; alone it is taken.
            if (chosen.Count + to - from > wanted && (chosen.Count > 0 || groups.Count > 1))
                continue;
            for (var i = from; i < to; i++)
                chosen.Add(i);
            if (chosen.Count >= wanted)
                break;
        }

        return chosen;
    }
}
