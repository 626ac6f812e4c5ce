using System.CommandLine;
using System.Text.Json.Nodes;
using Microtome.Imaging;
using Microtome.Language;

namespace Microtome.Cli.Commands;

/// <summary><c>text tokenizer train FILES... -o DIR</c>: a vocabulary from plain text.</summary>
internal static class TextTokenizerTrainCommand
{
    public static Command Create()
    {
        var defaults = new TokenizerTrainingOptions();
        var files = new Argument<string[]>("FILE") { Description = "UTF-8 text files.", Arity = ArgumentArity.OneOrMore };
        var kind = new Option<string>("--kind") { Description = "bpe (bytes, as GPT-2) or wordpiece (as BERT).", HelpName = "KIND", DefaultValueFactory = static _ => "bpe" };
        kind.AcceptOnlyFromAmong("bpe", "wordpiece");
        var size = new Option<int>("--vocab") { Description = "Tokens of the vocabulary.", HelpName = "N", DefaultValueFactory = _ => defaults.VocabularySize };
        var minimum = new Option<long>("--minimum-frequency") { Description = "Pairs seen less often do not become a token.", HelpName = "N", DefaultValueFactory = _ => defaults.MinimumFrequency };
        var special = new Option<string[]>("--special") { Description = "A special token, with the first ids in the order given (default: <|endoftext|>; for wordpiece [PAD] [UNK] [CLS] [SEP] [MASK]).", HelpName = "TOKEN" };
        var sentinels = new Option<int>("--sentinels") { Description = "Sentinels for span filling: <extra_id_0> and on.", HelpName = "N" };
        var keepCase = new Option<bool>("--keep-case") { Description = "wordpiece: keep capital letters and accents." };
        var command = new Command("train", "Train a tokenizer on text files: tokenizer.json (Hugging Face's format) and, for wordpiece, vocab.txt.") { files, kind, size, minimum, special, sentinels, keepCase };
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                var common = CommonSettings.From(parsed);
                if (common.Output is not { } folder)
                    throw new UsageException("text tokenizer train needs -o DIR, the folder to write tokenizer.json into.");
                bool wordPiece = string.Equals(parsed.GetValue(kind), "wordpiece", StringComparison.Ordinal);
                if (parsed.GetValue(keepCase) && !wordPiece)
                    throw new UsageException("--keep-case belongs to --kind wordpiece; bpe keeps every byte as it is.");
                var options = new TokenizerTrainingOptions
                {
                    VocabularySize = parsed.GetValue(size),
                    MinimumFrequency = parsed.GetValue(minimum),
                    SpecialTokens = parsed.GetValue(special) is { Length: > 0 } given ? given : null,
                    Sentinels = parsed.GetValue(sentinels),
                    LowerCase = !parsed.GetValue(keepCase),
                };
                string[] texts = parsed.GetRequiredValue(files);
                var tokenizer = wordPiece ? WordPieceTrainer.Train(texts, options, null, cancellation) : BpeTrainer.Train(texts, options, null, cancellation);
                string path = Path.Combine(folder, "tokenizer.json");
                if (wordPiece)
                    Tokenizers.SaveVocabulary(tokenizer, Path.Combine(folder, "vocab.txt"));
                Tokenizers.Save(tokenizer, path);
                if (common.Json)
                    Answer.Json(new JsonObject { ["path"] = Path.GetFullPath(path), ["kind"] = parsed.GetValue(kind), ["vocabulary_size"] = tokenizer.VocabularySize, ["fingerprint"] = tokenizer.Fingerprint });
                else
                    Answer.Line($"{path}: {tokenizer.VocabularySize} tokens.");
                if (tokenizer.VocabularySize < options.VocabularySize)
                    Answer.Log($"microtome: the text gives only {tokenizer.VocabularySize} of {options.VocabularySize} tokens; more text or a lower --minimum-frequency gives more.");
                return ExitCode.Done;
            },
            cancellation));
        return command;
    }
}
