using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microtome.Imaging;
using Microtome.Language;

namespace Microtome.Cli.Commands;

/// <summary><c>text tokenizer decode</c>: the text of ids.</summary>
internal static class TextTokenizerDecodeCommand
{
    private static readonly char[] Separators = [' ', '\t', '\r', '\n', ',', '[', ']'];

    public static Command Create()
    {
        var tokenizer = TextTokenizerCommand.Tokenizer();
        var ids = new Argument<string[]>("ID") { Description = "Ids; none for those on standard input (parted by spaces, commas or line ends).", Arity = ArgumentArity.ZeroOrMore };
        var skip = new Option<bool>("--skip-special") { Description = "Leave out tokens with a role ([CLS], [SEP], <|endoftext|>)." };
        var command = new Command("decode", "Print the text of ids.") { ids, tokenizer, skip };
        command.SetAction(parsed =>
        {
            var common = CommonSettings.From(parsed);
            var loaded = Tokenizers.Load(parsed.GetRequiredValue(tokenizer));
            string[] words = parsed.GetValue(ids) is { Length: > 0 } given
                ? [.. given.SelectMany(static word => word.Split(Separators, StringSplitOptions.RemoveEmptyEntries))]
                : Encoding.UTF8.GetString(TextTokenizerEncodeCommand.ReadAll(Console.OpenStandardInput(), "standard input")).Split(Separators, StringSplitOptions.RemoveEmptyEntries);
            int[] numbers = Array.ConvertAll(words, static word => int.TryParse(word, NumberStyles.Integer, CultureInfo.InvariantCulture, out int id) ? id : throw new UsageException($"'{Short(word)}' is no id: ids are whole numbers, as text tokenizer encode prints them."));
            string text = loaded.Decode(numbers, parsed.GetValue(skip));
            if (common.Output is { } output)
                AtomicFile.WriteAllText(output, text);
            if (common.Json)
                Answer.Json(new JsonObject { ["text"] = text, ["tokens"] = numbers.Length });
            else if (common.Output is null)
                Answer.Line(text);
            return ExitCode.Done;
        });
        return command;
    }

    private static string Short(string word) => word.Length > 40 ? word[..40] + "..." : word;
}
