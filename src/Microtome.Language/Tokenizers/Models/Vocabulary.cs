using System.Text.Json;

namespace Microtome.Language;

/// <summary>Tokens and their ids, one to one.</summary>
internal sealed class Vocabulary
{
    /// <summary>No published vocabulary comes near; a larger id in a file would only reserve memory.</summary>
    public const int LargestId = 4_000_000;

    private readonly Dictionary<string, int> ids;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> bySpan;
    private readonly string?[] tokens;

    /// <summary>Takes tokens whose ids are their places.</summary>
    public Vocabulary(IReadOnlyList<string> inOrder)
        : this(Number(inOrder), "The vocabulary")
    {
    }

    private Vocabulary(Dictionary<string, int> ids, string file)
    {
        this.ids = ids;
        bySpan = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        tokens = new string?[ids.Count == 0 ? 0 : ids.Values.Max() + 1];
        foreach (var (token, id) in ids)
        {
            if (tokens[id] is { } other)
                throw new TextException($"{file} gives the id {id} to '{Show(other)}' and to '{Show(token)}'. Every token needs an id of its own.");
            tokens[id] = token;
        }
    }

    /// <summary>One more than the largest id.</summary>
    public int Size => tokens.Length;

    /// <summary>The tokens by id; null where an id has none.</summary>
    public ReadOnlySpan<string?> Tokens => tokens;

    /// <summary>Reads <c>{token: id}</c>.</summary>
    public static Vocabulary Read(JsonPlace place)
    {
        var read = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (token, value) in place.Members())
        {
            var id = value.Whole();
            if (id is < 0 or > LargestId)
                throw value.Unsupported($"the id {id} is not in 0..{LargestId}.");
            if (!read.TryAdd(token, id))
                throw place.Unsupported($"the token '{Show(token)}' stands there twice.");
        }

        if (read.Count == 0)
            throw place.Unsupported("the vocabulary is empty.");
        return new Vocabulary(read, place.File);
    }

    public int? Find(string token) => ids.TryGetValue(token, out var id) ? id : null;

    public int? Find(ReadOnlySpan<char> token) => bySpan.TryGetValue(token, out var id) ? id : null;

    public string? Token(int id) => (uint)id < (uint)tokens.Length ? tokens[id] : null;

    /// <summary>Writes <c>{token: id}</c> in the order of the ids.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject("vocab");
        for (var id = 0; id < tokens.Length; id++)
        {
            if (tokens[id] is { } token)
                json.WriteNumber(token, id);
        }

        json.WriteEndObject();
    }

    /// <summary>A token for a message: short, without control characters.</summary>
    public static string Show(string token)
    {
        var shown = string.Concat(token.Take(40).Select(static c => char.IsControl(c) ? $"\\u{(int)c:x4}" : c.ToString()));
        return token.Length > 40 ? shown + "..." : shown;
    }

    private static Dictionary<string, int> Number(IReadOnlyList<string> inOrder)
    {
        var numbered = new Dictionary<string, int>(inOrder.Count, StringComparer.Ordinal);
        for (var id = 0; id < inOrder.Count; id++)
            numbered.Add(inOrder[id], id);
        return numbered;
    }
}
