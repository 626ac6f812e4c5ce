using System.CommandLine;

namespace Microtome.Cli.Commands;

/// <summary><c>text tokenizer</c>: train a tokenizer, encode, decode.</summary>
internal static class TextTokenizerCommand
{
    public static Command Create() => new("tokenizer", "Tokenizers: train one on text files, turn text into ids and back.")
    {
        TextTokenizerTrainCommand.Create(),
        TextTokenizerEncodeCommand.Create(),
        TextTokenizerDecodeCommand.Create(),
    };

    public static Option<string> Tokenizer() => new("--tokenizer") { Description = "A tokenizer.json, a vocab.txt (BERT), an encoder.json with vocab.bpe beside it (GPT-2), or a folder with one of them.", HelpName = "PATH", Required = true };
}
