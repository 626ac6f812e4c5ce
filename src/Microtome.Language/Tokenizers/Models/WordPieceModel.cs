using System.Text.Json;

namespace Microtome.Language;

/// <summary>WordPiece as BERT reads it: from the left the longest token that fits; a word with a part that no token writes is unknown as a whole.</summary>
internal sealed class WordPieceModel : ITokenModel
{
    private readonly string unknown;
    private readonly int unknownId;
    private readonly string prefix;
    private readonly int longestWord;
    private readonly int longestToken;
    private readonly Dictionary<string, int> continuations = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> continuationsBySpan;
    private readonly WordCache cache = new();

    /// <summary>Makes a model.</summary>
    /// <param name="vocabulary">The tokens.</param>
    /// <param name="unknown">Stands for words that cannot be written.</param>
    /// <param name="prefix">Marks tokens that go on with a word.</param>
    /// <param name="longestWord">Words of more characters are unknown.</param>
    /// <param name="file">What messages call the source.</param>
    public WordPieceModel(Vocabulary vocabulary, string unknown, string prefix, int longestWord, string file)
    {
        Vocabulary = vocabulary;
        this.unknown = unknown;
        this.prefix = prefix;
        this.longestWord = longestWord;
        unknownId = vocabulary.Find(unknown) ?? throw new TextException($"{file}: the unknown token '{unknown}' is not in the vocabulary; WordPiece needs one.");
        for (var id = 0; id < vocabulary.Size; id++)
        {
            if (vocabulary.Token(id) is not { } token)
                continue;
            longestToken = Math.Max(longestToken, token.Length);
            if (token.Length >= prefix.Length && token.StartsWith(prefix, StringComparison.Ordinal))
                continuations.TryAdd(token[prefix.Length..], id);
        }

        continuationsBySpan = continuations.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public Vocabulary Vocabulary { get; }

    public string? Unknown => unknown;

    /// <summary>Marks tokens that go on with a word.</summary>
    public string Prefix => prefix;

    public void Tokenize(ReadOnlySpan<char> piece, TokenBuffer into)
    {
        if (piece.IsEmpty || cache.TryAdd(piece, into))
            return;
        var first = into.Count;
        if (!TryTokenize(piece, out var tokens))
            into.Add(unknownId, 0, piece.Length);
        else
            tokens.ForEach(t => into.Add(t.Id, t.From, t.To));
        cache.Remember(piece, into, first);
    }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "WordPiece");
        json.WriteString("unk_token", unknown);
        json.WriteString("continuing_subword_prefix", prefix);
        json.WriteNumber("max_input_chars_per_word", longestWord);
        Vocabulary.Write(json);
        json.WriteEndObject();
    }

    private bool TryTokenize(ReadOnlySpan<char> word, out List<(int Id, int From, int To)> tokens)
    {
        tokens = [];
        var characters = 0;
        foreach (var c in word)
            characters += char.IsLowSurrogate(c) ? 0 : 1;
        if (characters > longestWord)
            return false;
        for (var at = 0; at < word.Length;)
        {
            var end = Math.Min(word.Length, at + longestToken);
            var found = -1;
            for (; end > at; end--)
            {
                var part = word[at..end];
                found = at == 0 ? Vocabulary.Find(part) ?? -1 : continuationsBySpan.TryGetValue(part, out var id) ? id : -1;
                if (found >= 0)
                    break;
            }

            if (found < 0)
                return false;
            tokens.Add((found, at, end));
            at = end;
        }

        return true;
    }
}
