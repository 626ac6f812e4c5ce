using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using Microtome.Imaging;
using Microtome.Language;

namespace Microtome.Cli.Commands;

/// <summary><c>text tokenizer encode</c>: the ids of texts.</summary>
internal static class TextTokenizerEncodeCommand
{
    private const long LongestText = 64L << 20;

    public static Command Create()
    {
        var tokenizer = TextTokenizerCommand.Tokenizer();
        var files = new Argument<string[]>("FILE") { Description = "UTF-8 text files; none for standard input.", Arity = ArgumentArity.ZeroOrMore };
        var special = new Option<bool>("--special") { Description = "Add the tokens that the model expects around a text ([CLS] and [SEP])." };
        var command = new Command("encode", "Print the ids of each text in one line; --json also prints tokens and their places (UTF-16 units).") { files, tokenizer, special };
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                var common = CommonSettings.From(parsed);
                var loaded = Tokenizers.Load(parsed.GetRequiredValue(tokenizer));
                string[] paths = parsed.GetValue(files) ?? [];
                var texts = new JsonArray();
                var lines = new StringBuilder();
                foreach (string path in paths.Length == 0 ? ["-"] : paths)
                {
                    cancellation.ThrowIfCancellationRequested();
                    string text = path == "-" ? Decode(ReadAll(Console.OpenStandardInput(), "standard input"), "standard input") : Decode(ReadFile(path), path);
                    var tokens = loaded.Encode(text, parsed.GetValue(special));
                    lines.AppendJoin(' ', tokens.Ids).Append('\n');
                    if (!common.Json)
                        continue;
                    texts.Add((JsonNode)new JsonObject
                    {
                        ["name"] = path,
                        ["ids"] = Numbers(tokens.Ids),
                        ["tokens"] = new JsonArray([.. tokens.Ids.Select(id => (JsonNode?)loaded.Token(id))]),
                        ["starts"] = Numbers(tokens.Starts),
                        ["ends"] = Numbers(tokens.Ends),
                    });
                }

                if (common.Output is { } output)
                    AtomicFile.WriteAllText(output, lines.ToString());
                if (common.Json)
                    Answer.Json(new JsonObject { ["vocabulary_size"] = loaded.VocabularySize, ["texts"] = texts });
                else if (common.Output is null)
                    Console.Out.Write(lines);
                return ExitCode.Done;
            },
            cancellation));
        return command;
    }

    /// <summary>All bytes of a stream, at most as many as one text may have.</summary>
    internal static byte[] ReadAll(Stream stream, string name)
    {
        using var owned = stream;
        var bytes = new MemoryStream();
        byte[] buffer = new byte[1 << 16];
        for (int read; (read = stream.Read(buffer)) > 0;)
        {
            bytes.Write(buffer, 0, read);
            if (bytes.Length > LongestText)
                throw new TextException($"{name} has more than {LongestText >> 20} MB, too much for one line of ids. Whole corpora become token files when training needs them.");
        }

        return bytes.ToArray();
    }

    internal static byte[] ReadFile(string path)
    {
        if (Directory.Exists(path))
            throw new TextException($"{path} is a folder; a text file is expected.");
        return ReadAll(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read), path);
    }

    internal static string Decode(byte[] bytes, string name)
    {
        try
        {
            return new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new TextException($"{name} is not UTF-8: byte {e.Index} does not belong there. Convert it first, for example: iconv -f latin1 -t utf-8", e);
        }
    }

    private static JsonArray Numbers(int[] values) => new([.. values.Select(static v => (JsonNode)v)]);
}
