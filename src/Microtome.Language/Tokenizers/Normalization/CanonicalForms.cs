using System.Globalization;
using System.Text;

namespace Microtome.Language;

/// <summary>
/// Unicode's canonical decomposition and composition (UAX 15). .NET leaves text as it is when it runs without cultures, as this program does, so the tables are here.
/// </summary>
internal static class CanonicalForms
{
    private const int HangulBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TrailBase = 0x11A7, LeadCount = 19, VowelCount = 21, TrailCount = 28;
    private static readonly Tables Data = Tables.Read();

    /// <summary>Whether a character stays alone and as it is under both forms, whatever stands beside it.</summary>
    public static bool IsPlain(char c) => c < 0xC0;

    /// <summary>The canonical combining class.</summary>
    public static int Class(int codePoint) => codePoint < 0x300 ? 0 : Data.Classes.GetValueOrDefault(codePoint);

    /// <summary>Appends the full canonical decomposition of a code point.</summary>
    public static void Decompose(int codePoint, List<int> into)
    {
        var hangul = codePoint - HangulBase;
        if ((uint)hangul < LeadCount * VowelCount * TrailCount)
        {
            into.Add(LeadBase + (hangul / (VowelCount * TrailCount)));
            into.Add(VowelBase + (hangul % (VowelCount * TrailCount) / TrailCount));
            if (hangul % TrailCount != 0)
                into.Add(TrailBase + (hangul % TrailCount));
            return;
        }

        if (codePoint < 0xC0 || !Data.Decompositions.TryGetValue(codePoint, out var parts))
        {
            into.Add(codePoint);
            return;
        }

        foreach (var part in parts)
            Decompose(part, into);
    }

    /// <summary>The character that two code points compose to, or -1.</summary>
    public static int Compose(int first, int second)
    {
        if ((uint)(first - LeadBase) < LeadCount && (uint)(second - VowelBase) < VowelCount)
            return HangulBase + ((((first - LeadBase) * VowelCount) + second - VowelBase) * TrailCount);
        var hangul = first - HangulBase;
        if ((uint)hangul < LeadCount * VowelCount * TrailCount && hangul % TrailCount == 0 && second > TrailBase && second < TrailBase + TrailCount)
            return first + second - TrailBase;
        return Data.Compositions.TryGetValue(((long)first << 32) | (uint)second, out var composed) ? composed : -1;
    }

    private sealed class Tables
    {
        public Dictionary<int, byte> Classes { get; } = [];

        public Dictionary<int, int[]> Decompositions { get; } = [];

        public Dictionary<long, int> Compositions { get; } = [];

        public static Tables Read()
        {
            var tables = new Tables();
            using var stream = typeof(CanonicalForms).Assembly.GetManifestResourceStream("canonical.txt")!;
            using var reader = new StreamReader(stream, Encoding.ASCII);
            while (reader.ReadLine() is { } line)
            {
                if (line[0] == '#')
                    continue;
                var space = line.IndexOf('-', StringComparison.Ordinal);
                if (space >= 0)
                {
                    var name = line.IndexOf(' ', StringComparison.Ordinal);
                    var value = byte.Parse(line.AsSpan(0, name), CultureInfo.InvariantCulture);
                    for (var code = Hex(line.AsSpan(name + 1, space - name - 1)); code <= Hex(line.AsSpan(space + 1)); code++)
                        tables.Classes[code] = value;
                    continue;
                }

                var sign = line.AsSpan().IndexOfAny('=', '>');
                var whole = Hex(line.AsSpan(0, sign));
                int[] parts = [.. line[(sign + 1)..].Split(' ').Select(static part => Hex(part))];
                tables.Decompositions[whole] = parts;
                // A decomposition that begins with a mark is excluded from composition, too (UAX 15, D114).
                if (line[sign] == '=' && !tables.Classes.ContainsKey(whole) && !tables.Classes.ContainsKey(parts[0]))
                    tables.Compositions[((long)parts[0] << 32) | (uint)parts[1]] = whole;
            }

            return tables;
        }

        private static int Hex(ReadOnlySpan<char> text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }
}
