namespace Microtome.Language;

/// <summary>A part of a text after normalising, with the place in the original of every character. Without changes it is a view.</summary>
internal sealed class AlignedText
{
    private readonly ReadOnlyMemory<char> chars;
    private readonly int origin;
    private readonly int[]? starts;
    private readonly int[]? ends;

    /// <summary>A part of the original as it stands.</summary>
    public AlignedText(string text, int start, int end)
    {
        chars = text.AsMemory(start, end - start);
        origin = start;
    }

    private AlignedText(ReadOnlyMemory<char> chars, int[] starts, int[] ends)
    {
        this.chars = chars;
        this.starts = starts;
        this.ends = ends;
    }

    public ReadOnlySpan<char> Chars => chars.Span;

    public int Length => chars.Length;

    /// <summary>Where a character begins in the original.</summary>
    public int Start(int at) => starts is null ? origin + at : starts[at];

    /// <summary>Where the range that ends before <paramref name="at"/> ends in the original.</summary>
    public int End(int at) => ends is null ? origin + at : at == 0 ? 0 : ends[at - 1];

    /// <summary>A part.</summary>
    public AlignedText Slice(int from, int to)
    {
        var part = chars[from..to];
        if (starts is null)
            return new AlignedText(part, origin + from);
        return new AlignedText(part, starts[from..to], ends![from..to]);
    }

    private AlignedText(ReadOnlyMemory<char> chars, int origin)
    {
        this.chars = chars;
        this.origin = origin;
    }

    /// <summary>Collects the changed text.</summary>
    internal sealed class Builder(AlignedText source)
    {
        private char[] chars = new char[source.Length + 16];
        private int[] starts = new int[source.Length + 16];
        private int[] ends = new int[source.Length + 16];
        private int length;

        /// <summary>Adds a character that stands for the source's range [from, to).</summary>
        public void Add(char c, int from, int to)
        {
            if (length == chars.Length)
            {
                Array.Resize(ref chars, length * 2);
                Array.Resize(ref starts, length * 2);
                Array.Resize(ref ends, length * 2);
            }

            (chars[length], starts[length], ends[length]) = (c, source.Start(from), source.End(to));
            length++;
        }

        /// <summary>Adds characters that stand for the source's range [from, to).</summary>
        public void Add(ReadOnlySpan<char> text, int from, int to)
        {
            foreach (var c in text)
                Add(c, from, to);
        }

        public AlignedText Build() => new(chars.AsMemory(0, length), starts[..length], ends[..length]);
    }
}
