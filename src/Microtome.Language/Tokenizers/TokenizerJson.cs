using System.Text.Json;

namespace Microtome.Language;

/// <summary>Reads Hugging Face's <c>tokenizer.json</c>: BPE (byte-level or of characters) and WordPiece with the parts that published tokenizers use. What it does not know it refuses by name.</summary>
internal static class TokenizerJson
{
    /// <summary>The largest file that is read; Gemma's, one of the largest, has 34 MB.</summary>
    public const long LargestFile = 256L << 20;

    public static TokenizerParts Read(string path, byte[] bytes)
    {
        using var document = Parse(path, bytes);
        var root = new JsonPlace(path, string.Empty, document.RootElement);
        var added = root.Find("added_tokens") is { } list ? list.Items().Select(ReadAdded).ToList() : [];
        var splitter = root.Find("pre_tokenizer") is { } pre ? ReadSplitter(pre) : null;
        var model = ReadModel(root.Get("model"), IsByteLevel(splitter));
        return new TokenizerParts
        {
            Added = added,
            Normalizer = root.Find("normalizer") is { } normalizer ? ReadNormalizer(normalizer) : null,
            Splitter = splitter,
            Model = model,
            Template = root.Find("post_processor") is { } post ? ReadTemplate(post) : SequenceTemplate.Plain,
            Decoding = root.Find("decoder") is { } decoder ? ReadDecoding(decoder) : [],
        };
    }

    /// <summary>The parsed file.</summary>
    public static JsonDocument Parse(string path, byte[] bytes)
    {
        try
        {
            var start = bytes.AsSpan().StartsWith("\uFEFF"u8) ? 3 : 0;
            return JsonDocument.Parse(bytes.AsMemory(start), new JsonDocumentOptions { MaxDepth = 32 });
        }
        catch (JsonException e)
        {
            throw new TextException($"{path} is no JSON ({e.Message.TrimEnd('.')}). The file is damaged or of another kind.", e);
        }
    }

    /// <summary>A pair of BPE's merges: "a b" or ["a", "b"].</summary>
    private static (string Left, string Right) ReadMerge(JsonPlace place)
    {
        if (place.Element.ValueKind == JsonValueKind.Array)
        {
            string[] both = [.. place.Items().Select(static p => p.Text())];
            return both is [var a, var b] ? (a, b) : throw place.Wrong("two strings");
        }

        var text = place.Text();
        var space = text.IndexOf(' ', StringComparison.Ordinal);
        if (space <= 0 || space == text.Length - 1)
            throw place.Unsupported($"'{Vocabulary.Show(text)}' is no merge: two tokens with a space between them are expected.");
        return (text[..space], text[(space + 1)..]);
    }

    private static AddedToken ReadAdded(JsonPlace place)
    {
        var id = place.Get("id");
        if (id.Whole() is < 0 or > Vocabulary.LargestId)
            throw id.Unsupported($"the id {id.Whole()} is not in 0..{Vocabulary.LargestId}.");
        var content = place.Text("content");
        if (content.Length == 0)
            throw place.Unsupported("an added token is empty.");
        return new AddedToken(content, id.Whole(), place.Flag("special", false), place.Flag("single_word", false), place.Flag("lstrip", false), place.Flag("rstrip", false), place.Flag("normalized", false));
    }

    private static bool IsByteLevel(ISplitter? splitter) => splitter is ByteLevelSplitter or SplitterSequence { HasBytes: true };

    private static ITokenModel ReadModel(JsonPlace place, bool bytes)
    {
        // Old files name no type; the merges tell.
        var type = place.TextOrNull("type") ?? (place.Find("merges") is null ? "WordPiece" : "BPE");
        if (type is not ("BPE" or "WordPiece"))
            throw place.Unsupported($"a model of the kind '{Vocabulary.Show(type)}' is not read; BPE and WordPiece are.");
        var vocabulary = Vocabulary.Read(place.Get("vocab"));
        if (type == "WordPiece")
        {
            return new WordPieceModel(vocabulary, place.TextOrNull("unk_token") ?? "[UNK]", place.TextOrNull("continuing_subword_prefix") ?? "##", place.Whole("max_input_chars_per_word", 100), place.File);
        }

        return new BpeModel(
            vocabulary,
            [.. place.Get("merges").Items().Select(ReadMerge)],
            new BpeModel.Options
            {
                Bytes = bytes,
                ByteFallback = place.Flag("byte_fallback", false),
                IgnoreMerges = place.Flag("ignore_merges", false),
                FuseUnknown = place.Flag("fuse_unk", false),
                Unknown = place.TextOrNull("unk_token"),
                ContinuingPrefix = NullIfEmpty(place.TextOrNull("continuing_subword_prefix")),
                EndSuffix = NullIfEmpty(place.TextOrNull("end_of_word_suffix")),
            },
            place.File);
    }

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static INormalizer ReadNormalizer(JsonPlace place) => place.Text("type") switch
    {
        "Sequence" => new NormalizerSequence([.. place.Get("normalizers").Items().Select(ReadNormalizer)]),
        "BertNormalizer" => new BertNormalizer(
            place.Flag("clean_text", true),
            place.Flag("handle_chinese_chars", true),
            place.Find("strip_accents") is null ? null : place.Flag("strip_accents", false),
            place.Flag("lowercase", true)),
        "Lowercase" => new LowerNormalizer(),
        "StripAccents" => new StripAccentsNormalizer(),
        "Strip" => new StripNormalizer(place.Flag("strip_left", true), place.Flag("strip_right", true)),
        "NFC" => new CanonicalNormalizer(compose: true),
        "NFD" => new CanonicalNormalizer(compose: false),
        "Prepend" => new PrependNormalizer(place.Text("prepend")),
        "Replace" => new ReplaceNormalizer(TextPattern.Read(place.Get("pattern")), place.Text("content")),
        var type => throw place.Unsupported($"a normalizer of the kind '{Vocabulary.Show(type)}' is not read."),
    };

    private static ISplitter ReadSplitter(JsonPlace place)
    {
        switch (place.Text("type"))
        {
            case "Sequence":
                ISplitter[] parts = [.. place.Get("pretokenizers").Items().Select(ReadSplitter)];
                if (parts.Length == 1)
                    return parts[0];
                // What changes the text itself must come alone: the others see it as it was.
                if (parts.Any(static p => p is MetaspaceSplitter or ByteLevelSplitter { AddPrefixSpace: true }))
                    throw place.Unsupported("Metaspace, or ByteLevel with add_prefix_space, within a sequence is not read.");
                return new SplitterSequence(parts);
            case "ByteLevel":
                return new ByteLevelSplitter(place.Flag("add_prefix_space", true), place.Flag("use_regex", true));
            case "BertPreTokenizer":
                return new BertSplitter();
            case "WhitespaceSplit":
                return new WhitespaceSplitter();
            case "Metaspace":
                var mark = place.TextOrNull("replacement") ?? "\u2581";
                if (mark.Length != 1)
                    throw place.Get("replacement").Wrong("one character");
                var scheme = place.TextOrNull("prepend_scheme") ?? (place.Flag("add_prefix_space", true) ? "always" : "never");
                if (scheme is not ("always" or "first" or "never"))
                    throw place.Get("prepend_scheme").Unsupported($"'{Vocabulary.Show(scheme)}' is none of always, first, never.");
                return new MetaspaceSplitter(mark[0], scheme, place.Flag("split", true));
            case "Split":
                var behavior = place.Text("behavior");
                if (Array.IndexOf(PatternSplitter.Behaviors, behavior) < 0)
                    throw place.Get("behavior").Unsupported($"'{Vocabulary.Show(behavior)}' is none of {string.Join(", ", PatternSplitter.Behaviors)}.");
                return PatternSplitter.Split(TextPattern.Read(place.Get("pattern")), behavior, place.Flag("invert", false));
            case "Digits":
                return PatternSplitter.Digits(place.Flag("individual_digits", false));
            case "Whitespace":
                return PatternSplitter.Words();
            case "Punctuation":
                return PatternSplitter.Punctuation(place.TextOrNull("behavior") ?? "Isolated");
            case var type:
                throw place.Unsupported($"a pre_tokenizer of the kind '{Vocabulary.Show(type)}' is not read.");
        }
    }

    private static SequenceTemplate ReadTemplate(JsonPlace place)
    {
        switch (place.Text("type"))
        {
            case "TemplateProcessing":
                return new SequenceTemplate(ReadParts(place.Get("single")), ReadParts(place.Get("pair")));
            case "BertProcessing":
                return SequenceTemplate.Bert(FirstText(place.Get("cls")), FirstText(place.Get("sep")));
            case "RobertaProcessing":
                var roberta = SequenceTemplate.Roberta(FirstText(place.Get("cls")), FirstText(place.Get("sep")));
                return new SequenceTemplate(roberta.Single, roberta.Pair) { TrimsRanges = place.Flag("trim_offsets", true), HasPrefixSpace = place.Flag("add_prefix_space", true) };
            case "ByteLevel":
                return new SequenceTemplate(SequenceTemplate.Plain.Single, SequenceTemplate.Plain.Pair) { TrimsRanges = place.Flag("trim_offsets", true), HasPrefixSpace = place.Flag("add_prefix_space", true) };
            case "Sequence":
                var all = place.Get("processors").Items().Select(ReadTemplate).ToList();
                var framed = all.Where(static t => !ReferenceEquals(t.Single, SequenceTemplate.Plain.Single)).ToList();
                if (framed.Count > 1)
                    throw place.Unsupported("several templates one after another are not read.");
                var frame = framed.Count == 1 ? framed[0] : SequenceTemplate.Plain;
                return new SequenceTemplate(frame.Single, frame.Pair) { TrimsRanges = all.Any(static t => t.TrimsRanges), HasPrefixSpace = all.Where(static t => t.TrimsRanges).All(static t => t.HasPrefixSpace) };
            case var type:
                throw place.Unsupported($"a post_processor of the kind '{Vocabulary.Show(type)}' is not read.");
        }
    }

    private static string FirstText(JsonPlace place) => place.Items().Select(static p => p.Element.ValueKind == JsonValueKind.String ? p.Text() : null).FirstOrDefault() ?? throw place.Wrong("a token and its id");

    private static List<SequenceTemplate.Part> ReadParts(JsonPlace place)
    {
        var parts = new List<SequenceTemplate.Part>();
        foreach (var item in place.Items())
        {
            if (item.Find("SpecialToken") is { } token)
            {
                parts.Add(new SequenceTemplate.Part(-1, token.Text("id"), token.Whole("type_id", 0)));
                continue;
            }

            var sequence = item.Get("Sequence");
            parts.Add(sequence.Text("id") switch
            {
                "A" => new SequenceTemplate.Part(0, null, sequence.Whole("type_id", 0)),
                "B" => new SequenceTemplate.Part(1, null, sequence.Whole("type_id", 0)),
                _ => throw sequence.Get("id").Wrong("A or B"),
            });
        }

        if (parts.Count > 64)
            throw place.Unsupported($"a template of {parts.Count} parts is not read.");
        return parts;
    }

    private static List<DecodingStep> ReadDecoding(JsonPlace place)
    {
        switch (place.Text("type"))
        {
            case "Sequence":
                return [.. place.Get("decoders").Items().SelectMany(ReadDecoding)];
            case "ByteLevel":
                return [new DecodingStep(DecodingKind.ByteLevel)];
            case "ByteFallback":
                return [new DecodingStep(DecodingKind.ByteFallback)];
            case "Fuse":
                return [new DecodingStep(DecodingKind.Fuse)];
            case "WordPiece":
                return [new DecodingStep(DecodingKind.WordPiece, place.TextOrNull("prefix") ?? "##", CleansUp: place.Flag("cleanup", true))];
            case "Metaspace":
                var scheme = place.TextOrNull("prepend_scheme") ?? (place.Flag("add_prefix_space", true) ? "always" : "never");
                return [new DecodingStep(DecodingKind.Metaspace, place.TextOrNull("replacement") ?? "\u2581", CleansUp: scheme != "never")];
            case "Replace":
                var pattern = place.Get("pattern").Text("String");
                if (pattern.Length == 0)
                    throw place.Unsupported("an empty pattern matches nowhere.");
                return [new DecodingStep(DecodingKind.Replace, pattern, place.Text("content"))];
            case "Strip":
                var content = place.Text("content");
                if (content.Length == 0 || place.Whole("stop", 0) != 0)
                    throw place.Unsupported("only a Strip of one character at the start is read.");
                return [new DecodingStep(DecodingKind.Strip, content, Count: place.Whole("start", 0))];
            case var type:
                throw place.Unsupported($"a decoder of the kind '{Vocabulary.Show(type)}' is not read.");
        }
    }
}
