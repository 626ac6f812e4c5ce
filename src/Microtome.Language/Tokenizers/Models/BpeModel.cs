using System.Text;
using System.Text.Json;

namespace Microtome.Language;

/// <summary>Byte-pair encoding (Sennrich et al. 2016): neighbours join in the order in which training joined them. Its symbols are bytes (GPT-2) or characters (Llama, Gemma).</summary>
internal sealed class BpeModel : ITokenModel
{
    private readonly Options options;
    private readonly IReadOnlyList<(string Left, string Right)> merges;
    private readonly MergeTable table = new();
    private readonly WordCache cache = new();
    private readonly int[] byteIds = new int[256];
    private readonly int[]? fallbackIds;
    private readonly int? unknownId;

    /// <summary>Makes a model.</summary>
    /// <param name="vocabulary">The tokens.</param>
    /// <param name="merges">The pairs in the order of training.</param>
    /// <param name="options">What the symbols are.</param>
    /// <param name="file">What messages call the source.</param>
    public BpeModel(Vocabulary vocabulary, IReadOnlyList<(string Left, string Right)> merges, Options options, string file)
    {
        Vocabulary = vocabulary;
        this.merges = merges;
        this.options = options;
        if (options.Unknown is { } unknown)
            unknownId = vocabulary.Find(unknown) ?? throw new TextException($"{file}: the unknown token '{unknown}' is not in the vocabulary.");
        var prefix = options.ContinuingPrefix ?? string.Empty;
        for (var rank = 0; rank < merges.Count; rank++)
        {
            var (left, right) = merges[rank];
            var joined = left + (right.StartsWith(prefix, StringComparison.Ordinal) ? right[prefix.Length..] : right);
            if (vocabulary.Find(left) is not { } a || vocabulary.Find(right) is not { } b || vocabulary.Find(joined) is not { } c)
            {
                var missing = vocabulary.Find(left) is null ? left : vocabulary.Find(right) is null ? right : joined;
                throw new TextException($"{file}: merge {rank + 1} ('{Vocabulary.Show(left)}' and '{Vocabulary.Show(right)}') needs '{Vocabulary.Show(missing)}', which is not in the vocabulary. Vocabulary and merges are not of one tokenizer.");
            }

            if (!table.TryAdd(a, b, rank, c))
                throw new TextException($"{file}: merge {rank + 1} ('{Vocabulary.Show(left)}' and '{Vocabulary.Show(right)}') stands there twice.");
        }

        if (options.Bytes)
        {
            for (var b = 0; b < 256; b++)
                byteIds[b] = vocabulary.Find(ByteAlphabet.Letter((byte)b).ToString()) ?? unknownId ?? -1;
        }

        if (options.ByteFallback)
        {
            int?[] found = [.. Enumerable.Range(0, 256).Select(b => vocabulary.Find($"<0x{b:X2}>"))];
            fallbackIds = found.All(static id => id is not null) ? [.. found.Select(static id => id!.Value)] : null;
        }
    }

    public Vocabulary Vocabulary { get; }

    public string? Unknown => options.Unknown;

    /// <summary>Whether its symbols are bytes.</summary>
    public bool IsByteLevel => options.Bytes;

    public void Tokenize(ReadOnlySpan<char> piece, TokenBuffer into)
    {
        if (piece.IsEmpty || cache.TryAdd(piece, into))
            return;
        var first = into.Count;
        if (options.Bytes)
            TokenizeBytes(piece, into);
        else
            TokenizeCharacters(piece, into);
        cache.Remember(piece, into, first);
    }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "BPE");
        json.WriteNull("dropout");
        WriteOrNull(json, "unk_token", options.Unknown);
        WriteOrNull(json, "continuing_subword_prefix", options.ContinuingPrefix);
        WriteOrNull(json, "end_of_word_suffix", options.EndSuffix);
        json.WriteBoolean("fuse_unk", options.FuseUnknown);
        json.WriteBoolean("byte_fallback", options.ByteFallback);
        json.WriteBoolean("ignore_merges", options.IgnoreMerges);
        Vocabulary.Write(json);
        json.WriteStartArray("merges");
        foreach (var (left, right) in merges)
        {
            json.WriteStartArray();
            json.WriteStringValue(left);
            json.WriteStringValue(right);
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteOrNull(Utf8JsonWriter json, string name, string? value)
    {
        if (value is null)
            json.WriteNull(name);
        else
            json.WriteString(name, value);
    }

    private void TokenizeBytes(ReadOnlySpan<char> piece, TokenBuffer into)
    {
        var most = Encoding.UTF8.GetMaxByteCount(piece.Length);
        var bytes = most <= 1024 ? stackalloc byte[most] : new byte[most];
        var count = Encoding.UTF8.GetBytes(piece, bytes);
        bytes = bytes[..count];
        if (options.IgnoreMerges && Whole(bytes) is { } whole)
        {
            into.Add(whole, 0, piece.Length);
            return;
        }

        var ids = count <= 256 ? stackalloc int[count] : new int[count];
        var lengths = count <= 256 ? stackalloc int[count] : new int[count];
        var kept = 0;
        for (var i = 0; i < count; i++)
        {
            // A byte that the vocabulary lacks and that has no unknown token vanishes; its place goes to the token before it.
            if (byteIds[bytes[i]] >= 0)
                (ids[kept], lengths[kept++]) = (byteIds[bytes[i]], 1);
            else if (kept > 0)
                lengths[kept - 1]++;
        }

        kept = table.Join(ids[..kept], lengths[..kept]);
        int at = 0, place = 0;
        for (var i = 0; i < kept; i++)
        {
            // A token that begins inside a character has the whole of it.
            var start = CharacterAt(piece, ref place, ref at, 0);
            var last = lengths[i] - 1;
            var end = CharacterAt(piece, ref place, ref at, last);
            into.Add(ids[i], start, end + (char.IsHighSurrogate(piece[end]) && end + 1 < piece.Length && char.IsLowSurrogate(piece[end + 1]) ? 2 : 1));
            CharacterAt(piece, ref place, ref at, 1);
        }
    }

    // Moves on by some bytes and returns the character that holds the byte. `place` is the character, `at` the byte within it.
    private static int CharacterAt(ReadOnlySpan<char> piece, ref int place, ref int at, int bytes)
    {
        at += bytes;
        while (place < piece.Length)
        {
            var used = CharacterKinds.Read(piece, place, out var rune);
            if (at < rune.Utf8SequenceLength)
                break;
            at -= rune.Utf8SequenceLength;
            place += used;
        }

        return place;
    }

    private int? Whole(ReadOnlySpan<byte> bytes)
    {
        var letters = bytes.Length <= 256 ? stackalloc char[bytes.Length] : new char[bytes.Length];
        for (var i = 0; i < bytes.Length; i++)
            letters[i] = ByteAlphabet.Letter(bytes[i]);
        return Vocabulary.Find(letters);
    }

    private void TokenizeCharacters(ReadOnlySpan<char> piece, TokenBuffer into)
    {
        if (options.IgnoreMerges && Vocabulary.Find(piece) is { } whole)
        {
            into.Add(whole, 0, piece.Length);
            return;
        }

        // A character gives one symbol, or its bytes. The bytes share its place: the first has its length.
        var ids = new List<int>(piece.Length);
        var lengths = new List<int>(piece.Length);
        var unknown = -1;
        Span<byte> bytes = stackalloc byte[4];
        for (var at = 0; at < piece.Length;)
        {
            var used = CharacterKinds.Read(piece, at, out var rune);
            if (Symbol(piece, at, used) is { } id)
            {
                Add(id, used);
                unknown = -1;
            }
            else if (fallbackIds is not null)
            {
                var count = rune.EncodeToUtf8(bytes);
                for (var i = 0; i < count; i++)
                    Add(fallbackIds[bytes[i]], i == 0 ? used : 0);
                unknown = -1;
            }
            else if (unknownId is { } unk)
            {
                if (unknown >= 0 && options.FuseUnknown)
                    lengths[unknown] += used;
                else
                    Add(unk, used);
                unknown = ids.Count - 1;
            }
            else if (lengths.Count > 0)
            {
                lengths[^1] += used;
            }

            at += used;
        }

        var symbols = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(ids);
        var spans = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(lengths);
        var kept = table.Join(symbols, spans);
        var start = 0;
        var end = 0;
        for (var i = 0; i < kept; i++)
        {
            if (spans[i] > 0)
                (start, end) = (end, end + spans[i]);
            into.Add(symbols[i], start, end);
        }

        void Add(int id, int length)
        {
            ids.Add(id);
            lengths.Add(length);
        }
    }

    private int? Symbol(ReadOnlySpan<char> piece, int at, int used)
    {
        if (options.ContinuingPrefix is null && options.EndSuffix is null)
            return Vocabulary.Find(piece.Slice(at, used));
        var symbol = piece.Slice(at, used).ToString();
        if (at > 0)
            symbol = options.ContinuingPrefix + symbol;
        if (at + used == piece.Length)
            symbol += options.EndSuffix;
        return Vocabulary.Find(symbol);
    }

    /// <summary>What the symbols of a model are.</summary>
    internal sealed record Options
    {
        /// <summary>Symbols are the bytes of the text, not its characters.</summary>
        public bool Bytes { get; init; }

        /// <summary>Characters outside the vocabulary become their bytes (<c>&lt;0xE4&gt;</c>).</summary>
        public bool ByteFallback { get; init; }

        /// <summary>A piece that is a token stays whole, whatever the merges say.</summary>
        public bool IgnoreMerges { get; init; }

        /// <summary>Unknown characters side by side are one unknown token.</summary>
        public bool FuseUnknown { get; init; }

        /// <summary>The unknown token.</summary>
        public string? Unknown { get; init; }

        /// <summary>Stands before every symbol but a word's first.</summary>
        public string? ContinuingPrefix { get; init; }

        /// <summary>Stands behind a word's last symbol.</summary>
        public string? EndSuffix { get; init; }
    }
}
