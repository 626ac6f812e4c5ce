using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Microtome.Imaging;

namespace Microtome.Language;

/// <summary>Opens and writes tokenizers.</summary>
public static class Tokenizers
{
    private const int LongestToken = 1000;
    private const string Packed = ".gz";
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>
    /// Opens a tokenizer: Hugging Face's <c>tokenizer.json</c>, BERT's <c>vocab.txt</c>, GPT-2's <c>encoder.json</c> (or <c>vocab.json</c>) with <c>vocab.bpe</c> (or <c>merges.txt</c>) beside it, or a folder with one of them. Files may be packed with gzip (<c>vocab.txt.gz</c>).
    /// <c>special_tokens_map.json</c> and <c>tokenizer_config.json</c> beside it say the roles of tokens and whether a <c>vocab.txt</c> is lower-cased (without them it is when none of its tokens has a capital letter outside brackets).
    /// </summary>
    /// <exception cref="TextException">The file is damaged, of another kind, or contradicts itself.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static ITokenizer Load(string path)
    {
        var file = Directory.Exists(path) ? InFolder(path) : path;
        if (!File.Exists(file))
            throw new FileNotFoundException($"{file}: there is no such file. A tokenizer is a tokenizer.json, a vocab.txt, or an encoder.json with vocab.bpe beside it.", file);
        var bytes = ReadLimited(file);
        var kind = Path.GetExtension(file.EndsWith(Packed, StringComparison.OrdinalIgnoreCase) ? file[..^Packed.Length] : file);
        TokenizerParts parts;
        if (kind.Equals(".txt", StringComparison.OrdinalIgnoreCase))
            parts = WordPieceParts(ReadVocabularyText(file, bytes), file, LowerCase(file, bytes));
        else if (kind.Equals(".json", StringComparison.OrdinalIgnoreCase))
            parts = ReadJson(file, bytes);
        else
            throw new TextException($"{file}: tokenizers are read from tokenizer.json, vocab.txt, or encoder.json with vocab.bpe; not from a '{kind}' file. SentencePiece models: use the tokenizer.json that is published with them.");
        return new Tokenizer(parts with { Roles = ReadRoles(file) }, file);
    }

    /// <summary>Writes a tokenizer as <c>tokenizer.json</c>, which Hugging Face's libraries open.</summary>
    /// <exception cref="ArgumentException">The tokenizer is not one of this library.</exception>
    public static void Save(ITokenizer tokenizer, string path)
    {
        if (tokenizer is not Tokenizer known)
            throw new ArgumentException("Only tokenizers that were loaded or trained here can be written.", nameof(tokenizer));
        known.Save(path);
    }

    /// <summary>Writes the vocabulary of a WordPiece tokenizer as BERT's <c>vocab.txt</c>: a token a line, in the order of the ids.</summary>
    public static void SaveVocabulary(ITokenizer tokenizer, string path) =>
        AtomicFile.WriteAllText(path, string.Concat(Enumerable.Range(0, tokenizer.VocabularySize).Select(id => tokenizer.Token(id) + "\n")));

    /// <summary>BERT's tokenizer over a vocabulary.</summary>
    internal static TokenizerParts WordPieceParts(Vocabulary vocabulary, string file, bool lowerCase) => new()
    {
        Added = [.. new[] { "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]" }.Concat(Enumerable.Range(0, 100).Select(static i => $"<extra_id_{i}>"))
            .Select(token => (Token: token, Id: vocabulary.Find(token))).Where(static t => t.Id is not null).Select(static t => new AddedToken(t.Token, t.Id!.Value))],
        Normalizer = new BertNormalizer(lowerCase: lowerCase),
        Splitter = new BertSplitter(),
        Model = new WordPieceModel(vocabulary, "[UNK]", "##", 100, file),
        Template = vocabulary.Find("[CLS]") is null || vocabulary.Find("[SEP]") is null ? SequenceTemplate.Plain : SequenceTemplate.Bert("[CLS]", "[SEP]"),
        Decoding = [new DecodingStep(DecodingKind.WordPiece, "##", CleansUp: true)],
    };

    /// <summary>GPT-2's tokenizer over a vocabulary and merges.</summary>
    internal static TokenizerParts ByteLevelParts(Vocabulary vocabulary, IReadOnlyList<(string Left, string Right)> merges, IReadOnlyList<string> special, string file) => new()
    {
        Added = [.. special.Where(token => vocabulary.Find(token) is not null).Select(token => new AddedToken(token, vocabulary.Find(token)!.Value))],
        Splitter = new ByteLevelSplitter(addPrefixSpace: false, useExpression: true),
        Model = new BpeModel(vocabulary, merges, new BpeModel.Options { Bytes = true }, file),
        Decoding = [new DecodingStep(DecodingKind.ByteLevel)],
    };

    private static string InFolder(string folder)
    {
        foreach (var name in (string[])["tokenizer.json", "vocab.txt", "encoder.json", "vocab.json"])
        {
            if (PlainOrPacked(folder, name) is { } file)
                return file;
        }

        throw new TextException($"{folder} holds no tokenizer: none of tokenizer.json, vocab.txt, encoder.json, vocab.json is there.");
    }

    private static byte[] ReadLimited(string file)
    {
        var length = new FileInfo(file).Length;
        if (length > TokenizerJson.LargestFile)
            throw new TextException($"{file} has {length} bytes; a tokenizer has at most {TokenizerJson.LargestFile}. It is something else.");
        if (length == 0)
            throw new TextException($"{file} is empty.");
        if (!file.EndsWith(Packed, StringComparison.OrdinalIgnoreCase))
            return File.ReadAllBytes(file);
        using var stream = new GZipStream(File.OpenRead(file), CompressionMode.Decompress);
        var unpacked = new MemoryStream();
        var buffer = new byte[1 << 16];
        try
        {
            for (int read; (read = stream.Read(buffer)) > 0;)
            {
                unpacked.Write(buffer, 0, read);
                if (unpacked.Length > TokenizerJson.LargestFile)
                    throw new TextException($"{file} unpacks to more than {TokenizerJson.LargestFile} bytes. It is no tokenizer.");
            }
        }
        catch (InvalidDataException e)
        {
            throw new TextException($"{file} is damaged: {e.Message}", e);
        }

        return unpacked.ToArray();
    }

    private static string? PlainOrPacked(string folder, string name) =>
        new[] { name, name + Packed }.Select(n => Path.Combine(folder, n)).FirstOrDefault(File.Exists);

    private static TokenizerParts ReadJson(string file, byte[] bytes)
    {
        if (!IsPlainVocabulary(file, bytes))
            return TokenizerJson.Read(file, bytes);
        var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        var merges = new[] { "vocab.bpe", "merges.txt" }.Select(name => PlainOrPacked(folder, name)).FirstOrDefault(static f => f is not null)
            ?? throw new TextException($"{file} is a vocabulary without merges: vocab.bpe or merges.txt must lie beside it.");
        using var document = TokenizerJson.Parse(file, bytes);
        return ByteLevelParts(Vocabulary.Read(new JsonPlace(file, string.Empty, document.RootElement)), ReadMerges(merges), ["<|endoftext|>"], file);
    }

    // encoder.json is {token: id}; tokenizer.json has a model.
    private static bool IsPlainVocabulary(string file, byte[] bytes)
    {
        using var document = TokenizerJson.Parse(file, bytes);
        return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.EnumerateObject().FirstOrDefault() is { Value.ValueKind: JsonValueKind.Number };
    }

    private static List<(string Left, string Right)> ReadMerges(string file)
    {
        var merges = new List<(string Left, string Right)>();
        var number = 0;
        foreach (var line in Lines(file, ReadLimited(file)))
        {
            number++;
            if (line.Length == 0 || (number == 1 && line.StartsWith("#version", StringComparison.Ordinal)))
                continue;
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            if (space <= 0 || space == line.Length - 1 || line.IndexOf(' ', space + 1) >= 0)
                throw new TextException($"{file}, line {number}: '{Vocabulary.Show(line)}' is no merge: two tokens with a space between them are expected.");
            merges.Add((line[..space], line[(space + 1)..]));
        }

        return merges;
    }

    private static Vocabulary ReadVocabularyText(string file, byte[] bytes)
    {
        var tokens = new List<string>();
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var line in Lines(file, bytes))
        {
            if (line.Length > LongestToken)
                throw new TextException($"{file}, line {tokens.Count + 1}: a token of {line.Length} characters. This is no vocabulary.");
            if (!places.TryAdd(line, tokens.Count + 1))
                throw new TextException($"{file}: the token '{Vocabulary.Show(line)}' stands in line {places[line]} and again in line {tokens.Count + 1}. Every line is a token of its own; remove or rename one.");
            tokens.Add(line);
        }

        return new Vocabulary(tokens);
    }

    private static IEnumerable<string> Lines(string file, byte[] bytes)
    {
        string text;
        try
        {
            text = Strict.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new TextException($"{file} is not UTF-8 (byte {e.Index}). This is no vocabulary, or the file is damaged.", e);
        }

        if (text.EndsWith('\n'))
            text = text[..^1];
        return text.Split('\n').Select(static line => line.EndsWith('\r') ? line[..^1] : line);
    }

    private static bool LowerCase(string file, byte[] bytes)
    {
        using var config = Beside(file, "tokenizer_config.json");
        if (config is not null && config.RootElement.ValueKind == JsonValueKind.Object
            && config.RootElement.TryGetProperty("do_lower_case", out var flag) && flag.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return flag.GetBoolean();
        return !Lines(file, bytes).Any(static token => token.Length > 0 && token[0] != '[' && token.Any(char.IsAsciiLetterUpper));
    }

    private static List<(string Role, string Token)> ReadRoles(string file)
    {
        var roles = new List<(string Role, string Token)>();
        foreach (var name in (string[])["tokenizer_config.json", "special_tokens_map.json"])
        {
            using var document = Beside(file, name);
            if (document is null || document.RootElement.ValueKind != JsonValueKind.Object)
                continue;
            foreach (var member in document.RootElement.EnumerateObject())
            {
                if (!member.Name.EndsWith("_token", StringComparison.Ordinal))
                    continue;
                // A role is a string, or an added token with its content.
                var value = member.Value.ValueKind == JsonValueKind.Object && member.Value.TryGetProperty("content", out var content) ? content : member.Value;
                if (value.ValueKind == JsonValueKind.String)
                    roles.Add((member.Name, value.GetString()!));
            }
        }

        return roles;
    }

    private static JsonDocument? Beside(string file, string name)
    {
        var path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, name);
        return File.Exists(path) ? TokenizerJson.Parse(path, ReadLimited(path)) : null;
    }
}
