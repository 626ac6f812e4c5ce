namespace Microtome.Language;

/// <summary>Texts as a model reads them: rows of one length, filled up behind.</summary>
public sealed class TextFeatures
{
    private TextFeatures(int rows, int length)
    {
        Rows = rows;
        Length = length;
        Ids = new long[rows * length];
        Types = new long[rows * length];
        Mask = new long[rows * length];
    }

    /// <summary>Texts or pairs.</summary>
    public int Rows { get; }

    /// <summary>Tokens of a row.</summary>
    public int Length { get; }

    /// <summary>Token ids, shape [rows, length].</summary>
    public long[] Ids { get; }

    /// <summary>0 for the first text, 1 for the second, shape [rows, length].</summary>
    public long[] Types { get; }

    /// <summary>1 for tokens, 0 for what fills up, shape [rows, length].</summary>
    public long[] Mask { get; }

    /// <summary>Encodes texts or pairs; of what is too long the longer text loses tokens from its end, one by one.</summary>
    /// <param name="tokenizer">Makes the ids and the tokens around them.</param>
    /// <param name="examples">The texts.</param>
    /// <param name="maximum">Tokens of a row at most.</param>
    /// <param name="pad">Fill every row up to the maximum, not only to the longest. Default: false.</param>
    /// <exception cref="TextException">The maximum has no room for the tokens that are added.</exception>
    public static TextFeatures Encode(ITokenizer tokenizer, IReadOnlyList<TextExample> examples, int maximum, bool pad = false)
    {
        var rows = new List<TokenSequence>(examples.Count);
        foreach (var example in examples)
            rows.Add(Truncate(example.Second is { } second ? tokenizer.EncodePair(example.First, second) : tokenizer.Encode(example.First, addSpecial: true), maximum));
        var length = pad || rows.Count == 0 ? maximum : Math.Max(1, rows.Max(static r => r.Count));
        var features = new TextFeatures(rows.Count, length);
        Array.Fill(features.Ids, tokenizer.Special.Pad ?? 0);
        for (var row = 0; row < rows.Count; row++)
        {
            for (var i = 0; i < rows[row].Count; i++)
                (features.Ids[(row * length) + i], features.Types[(row * length) + i], features.Mask[(row * length) + i]) = (rows[row].Ids[i], rows[row].Types[i], 1);
        }

        return features;
    }

    /// <summary>The sequence with at most so many tokens: while there are more, the longer text (of equal ones the second) loses its last.</summary>
    internal static TokenSequence Truncate(TokenSequence tokens, int maximum)
    {
        if (tokens.Count <= maximum)
            return tokens;
        int first = tokens.Sequences.Count(static s => s == 0), second = tokens.Sequences.Count(static s => s == 1), added = tokens.Count - first - second;
        if (maximum <= added)
            throw new TextException($"Rows of {maximum} tokens have no room for text beside the {added} that are added. Give a longer sequence.");
        while (first + second + added > maximum)
        {
            if (first > second)
                first--;
            else
                second--;
        }

        var keep = new List<int>(maximum);
        for (var i = 0; i < tokens.Count; i++)
        {
            if (tokens.Sequences[i] == -1 || (tokens.Sequences[i] == 0 ? first-- : second--) > 0)
                keep.Add(i);
        }

        int[] Pick(int[] values) => [.. keep.Select(i => values[i])];
        return new TokenSequence(Pick(tokens.Ids), Pick(tokens.Starts), Pick(tokens.Ends), Pick(tokens.Types), Pick(tokens.Sequences));
    }
}
