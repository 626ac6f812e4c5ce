using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microtome.Imaging;

namespace Microtome.Language;

/// <summary>
/// A tokenizer in the parts that Hugging Face's <c>tokenizer.json</c> names: added tokens, normaliser, cutting into words, model, template, decoder. The published tokenizers differ only in their parts.
/// </summary>
internal sealed class Tokenizer : ITokenizer
{
    private readonly Dictionary<int, AddedToken> addedById = [];
    private readonly Dictionary<string, int> addedByContent = new(StringComparer.Ordinal);
    private readonly IReadOnlyList<AddedToken> added;
    private readonly AddedTokenSearch raw;
    private readonly AddedTokenSearch normalized;
    private readonly INormalizer? normalizer;
    private readonly ISplitter? splitter;
    private readonly ITokenModel model;
    private readonly SequenceTemplate template;
    private readonly TokenSurfaces surfaces;
    private readonly bool[] wordStarts;
    private string? fingerprint;

    public Tokenizer(TokenizerParts parts, string file)
    {
        added = parts.Added;
        normalizer = parts.Normalizer;
        splitter = parts.Splitter;
        model = parts.Model;
        template = parts.Template;
        var size = model.Vocabulary.Size;
        foreach (var token in added)
        {
            if (addedById.TryGetValue(token.Id, out var other))
                throw new TextException($"{file}: the added tokens '{Vocabulary.Show(other.Content)}' and '{Vocabulary.Show(token.Content)}' have the same id {token.Id}.");
            if (model.Vocabulary.Token(token.Id) is { } inVocabulary && !string.Equals(inVocabulary, token.Content, StringComparison.Ordinal))
                throw new TextException($"{file}: the added token '{Vocabulary.Show(token.Content)}' has the id {token.Id}, which the vocabulary gives to '{Vocabulary.Show(inVocabulary)}'.");
            if (!addedByContent.TryAdd(token.Content, token.Id))
                throw new TextException($"{file}: the added token '{Vocabulary.Show(token.Content)}' stands there twice.");
            addedById.Add(token.Id, token);
            size = Math.Max(size, token.Id + 1);
        }

        VocabularySize = size;
        foreach (var part in template.Single.Concat(template.Pair))
        {
            if (part.Token is { } token && Id(token) is null)
                throw new TextException($"{file}: the template names the token '{Vocabulary.Show(token)}', which is not in the vocabulary.");
        }

        raw = new AddedTokenSearch(added.Where(static t => !t.Normalized).Select(static t => (t.Content, t)));
        normalized = new AddedTokenSearch(added.Where(static t => t.Normalized).Select(t => (Normalize(t.Content), t)));
        surfaces = new TokenSurfaces(RequireToken, size, parts.Decoding);
        Special = SpecialTokens.ByName(Id, model.Unknown);
        foreach (var (role, token) in parts.Roles)
        {
            if (Id(token) is { } id)
                Special = Special.With(role, id);
        }

        wordStarts = new bool[size];
        for (var id = 0; id < size; id++)
            wordStarts[id] = JudgeWordStart(id);
    }

    public int VocabularySize { get; }

    public SpecialTokens Special { get; }

    public string Fingerprint => fingerprint ??= Convert.ToHexStringLower(SHA256.HashData(ToJson()));

    public TokenSequence Encode(string text, bool addSpecial = false) => Assemble([text], addSpecial ? template.Single : SequenceTemplate.Plain.Single);

    public TokenSequence EncodePair(string text, string pair, bool addSpecial = true)
    {
        // Without added tokens the template still says the types.
        var parts = addSpecial ? template.Pair : [.. template.Pair.Where(static p => p.Token is null)];
        return Assemble([text, pair], parts);
    }

    public string Decode(ReadOnlySpan<int> ids, bool skipSpecial = false)
    {
        var bytes = new MemoryStream(ids.Length * 4);
        var first = true;
        foreach (var id in ids)
        {
            if (skipSpecial && IsSpecial(id))
                continue;
            bytes.Write(surfaces.Bytes(id, first));
            first = false;
        }

        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    public StreamingDecoder CreateDecoder(bool skipSpecial = false) => new(surfaces, id => skipSpecial && IsSpecial(id));

    public string? Token(int id) => addedById.TryGetValue(id, out var token) ? token.Content : model.Vocabulary.Token(id);

    public int? Id(string token) => addedByContent.TryGetValue(token, out var id) ? id : model.Vocabulary.Find(token);

    public bool IsSpecial(int id) => addedById.TryGetValue(id, out var token) && token.Special;

    public bool IsWordStart(int id) => (uint)id < (uint)wordStarts.Length && wordStarts[id];

    /// <summary>Writes <c>tokenizer.json</c>.</summary>
    public void Save(string path) => AtomicFile.WriteAllBytes(path, ToJson());

    private byte[] ToJson()
    {
        var stream = new MemoryStream();
        // Hugging Face's readers take any JSON; without escapes people can read it, too.
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, IndentSize = 2, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("version", "1.0");
            json.WriteNull("truncation");
            json.WriteNull("padding");
            json.WriteStartArray("added_tokens");
            foreach (var token in added.OrderBy(static t => t.Id))
            {
                json.WriteStartObject();
                json.WriteNumber("id", token.Id);
                json.WriteString("content", token.Content);
                json.WriteBoolean("single_word", token.SingleWord);
                json.WriteBoolean("lstrip", token.TakesLeft);
                json.WriteBoolean("rstrip", token.TakesRight);
                json.WriteBoolean("normalized", token.Normalized);
                json.WriteBoolean("special", token.Special);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WritePropertyName("normalizer");
            if (normalizer is null)
                json.WriteNullValue();
            else
                normalizer.Write(json);
            json.WritePropertyName("pre_tokenizer");
            if (splitter is null)
                json.WriteNullValue();
            else
                splitter.Write(json);
            template.Write(json, Id);
            surfaces.Write(json);
            json.WritePropertyName("model");
            model.Write(json);
            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }

    private TokenSequence Assemble(string[] texts, IReadOnlyList<SequenceTemplate.Part> parts)
    {
        TokenBuffer?[] encoded = new TokenBuffer?[texts.Length];
        var count = 0;
        foreach (var part in parts)
            count += part.Token is null ? (encoded[part.Text] ??= EncodeOne(texts[part.Text])).Count : 1;
        int[] ids = new int[count], starts = new int[count], ends = new int[count], types = new int[count], sequences = new int[count];
        var at = 0;
        foreach (var part in parts)
        {
            if (part.Token is { } token)
            {
                (ids[at], types[at], sequences[at]) = (Id(token)!.Value, part.Type, -1);
                at++;
                continue;
            }

            var tokens = encoded[part.Text]!;
            tokens.Ids.CopyTo(ids.AsSpan(at));
            tokens.Starts.CopyTo(starts.AsSpan(at));
            tokens.Ends.CopyTo(ends.AsSpan(at));
            Array.Fill(types, part.Type, at, tokens.Count);
            Array.Fill(sequences, part.Text, at, tokens.Count);
            at += tokens.Count;
        }

        return new TokenSequence(ids, starts, ends, types, sequences);
    }

    private TokenBuffer EncodeOne(string text)
    {
        var tokens = new TokenBuffer();
        var pieces = new List<(int From, int To)>();
        foreach (var (token, part) in Sections(text))
        {
            if (token is not null)
            {
                tokens.Add(token.Id, part!.Start(0), part.End(part.Length));
                continue;
            }

            pieces.Clear();
            Cut(part!, pieces);
            foreach (var (from, to) in pieces)
            {
                var first = tokens.Count;
                model.Tokenize(part!.Chars[from..to], tokens);
                for (var i = first; i < tokens.Count; i++)
                {
                    tokens.Starts[i] = part.Start(from + tokens.Starts[i]);
                    tokens.Ends[i] = Math.Max(tokens.Starts[i], part.End(from + tokens.Ends[i]));
                }
            }
        }

        if (template.TrimsRanges)
            Trim(tokens);
        return tokens;
    }

    // As Hugging Face does it: spaces count, other white space does not, and where a space was put in front one space of the first token is no space of the text.
    private void Trim(TokenBuffer tokens)
    {
        var space = ByteAlphabet.Letter((byte)' ');
        for (var i = 0; i < tokens.Count; i++)
        {
            var token = Token(tokens.Ids[i])!;
            int leading = token.AsSpan().IndexOfAnyExcept(space), trailing = token.Length - 1 - token.AsSpan().LastIndexOfAnyExcept(space);
            leading = leading < 0 ? token.Length : leading;
            if (leading > 0 && template.HasPrefixSpace && (i == 0 || tokens.Starts[i] == 0))
                leading--;
            tokens.Starts[i] = Math.Min(tokens.Starts[i] + leading, tokens.Ends[i]);
            if (tokens.Ends[i] >= trailing)
                tokens.Ends[i] = Math.Max(tokens.Ends[i] - trailing, tokens.Starts[i]);
        }
    }

    private void Cut(AlignedText part, List<(int From, int To)> pieces)
    {
        if (splitter is null)
        {
            if (part.Length > 0)
                pieces.Add((0, part.Length));
        }
        else
        {
            splitter.Split(part.Chars, 0, part.Length, pieces);
        }
    }

    // The text in its order: added tokens, and between them parts that are normalised and ready to cut.
    private IEnumerable<(AddedToken? Token, AlignedText? Part)> Sections(string text)
    {
        var at = 0;
        foreach (var (token, from, to) in raw.IsEmpty ? [] : raw.Find(text))
        {
            foreach (var section in Normalized(text, at, from))
                yield return section;
            yield return (token, new AlignedText(text, from, to));
            at = to;
        }

        foreach (var section in Normalized(text, at, text.Length))
            yield return section;
    }

    private IEnumerable<(AddedToken? Token, AlignedText? Part)> Normalized(string text, int from, int to)
    {
        if (from == to)
            yield break;
        var part = new AlignedText(text, from, to);
        if (normalizer is not null)
            part = normalizer.Apply(part);
        var at = 0;
        foreach (var (token, a, b) in normalized.IsEmpty ? [] : normalized.Find(part.Chars))
        {
            if (at < a)
                yield return (null, Prepare(part.Slice(at, a), from == 0 && at == 0));
            yield return (token, part.Slice(a, b));
            at = b;
        }

        if (at < part.Length)
            yield return (null, Prepare(part.Slice(at, part.Length), from == 0 && at == 0));
    }

    private AlignedText Prepare(AlignedText part, bool first) => splitter switch
    {
        ByteLevelSplitter { AddPrefixSpace: true } when part.Chars[0] != ' ' => PrependNormalizer.Prepend(part, " "),
        MetaspaceSplitter metaspace => metaspace.Prepare(part, first),
        _ => part,
    };

    private string Normalize(string content) => normalizer is null ? content : normalizer.Apply(new AlignedText(content, 0, content.Length)).Chars.ToString();

    private string RequireToken(int id)
    {
        if ((uint)id >= (uint)VocabularySize)
            throw new TextException($"The id {id} is not in this vocabulary, which has the ids 0 to {VocabularySize - 1}. Is it the tokenizer that these ids were made with?");
        return Token(id) ?? string.Empty;
    }

    private bool JudgeWordStart(int id)
    {
        if (Token(id) is not { Length: > 0 } token)
            return false;
        if (addedById.ContainsKey(id))
            return true;
        if (model is WordPieceModel piece)
            return !token.StartsWith(piece.Prefix, StringComparison.Ordinal) || token.Length == piece.Prefix.Length;
        var bytes = model is BpeModel { IsByteLevel: true } ? ByteAlphabet.BytesOf(token) : Encoding.UTF8.GetBytes(token);
        // The rest of a character never begins a word.
        if (Rune.DecodeFromUtf8(bytes, out var rune, out _) != System.Buffers.OperationStatus.Done)
            return false;
        return rune.Value == 0x2581 || Rune.IsWhiteSpace(rune) || Rune.IsPunctuation(rune) || Rune.IsSymbol(rune);
    }
}
