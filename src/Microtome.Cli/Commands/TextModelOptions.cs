using System.CommandLine;
using Microtome.Decoding;
using Microtome.Imaging;
using Microtome.Language;

namespace Microtome.Cli.Commands;

/// <summary>Options of the commands that run a language model.</summary>
internal sealed class TextModelOptions
{
    private readonly Option<string?> tokenizer = new("--tokenizer") { Description = "The tokenizer's file or folder (default: the model's folder).", HelpName = "PATH" };
    private readonly Option<string?> format = new("--format") { Description = "Weights in memory (default: as in the file).", HelpName = "bf16|f32|int8" };
    private readonly Option<int?> context = new("--context") { Description = "Tokens of prompt and answer together (default: up to 4096 of the model's).", HelpName = "N" };
    private readonly Option<bool> copy = new("--copy") { Description = "Copy the weights onto huge pages instead of mapping the file: faster, not shared with other processes." };
    private readonly Option<bool> search = new("--top-search") { Description = "At temperature 0: find the likeliest token without reading the whole output matrix; the same answer, faster, and more memory." };

    public void AddTo(Command command)
    {
        command.Options.Add(tokenizer);
        command.Options.Add(format);
        command.Options.Add(context);
        command.Options.Add(copy);
        command.Options.Add(search);
    }

    /// <summary>Opens everything.</summary>
    public OpenTextModel Open(ParseResult parsed, string folder, int sequences, bool greedy)
    {
        var threads = CommonSettings.From(parsed).Threads;
        var tokens = Tokenizers.Load(parsed.GetValue(tokenizer) ?? folder);
        var model = DecoderModel.Open(folder, new() { Format = parsed.GetValue(format) is { } f ? BenchDecodeCommand.Format(f) : null, Copy = parsed.GetValue(copy), Threads = threads });
        try
        {
            var length = parsed.GetValue(context) ?? Math.Min(4096, model.Config.Context);
            if (length < 1 || length > model.Config.Context)
                throw new UsageException($"--context {length}: the model was made for 1 to {model.Config.Context}.");
            var decoder = new Microtome.Decoding.Decoder(model, new() { Context = length, Sequences = Math.Clamp(sequences, 1, 16), Threads = threads, TopSearch = greedy && parsed.GetValue(search) });
            return new OpenTextModel(model, decoder, tokens, Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))));
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }
}

/// <summary>A language model that is ready to be asked.</summary>
internal sealed class OpenTextModel(DecoderModel model, Microtome.Decoding.Decoder decoder, ITokenizer tokenizer, string name) : IDisposable
{
    public string Name => name;

    public Microtome.Decoding.Decoder Decoder => decoder;

    public TextGenerator Generator { get; } = new(model, decoder, tokenizer);

    public string Description => $"{name}: {model.Config.Layers} layers of width {model.Config.Width}, {(model.Config.SparkInputs > 0 ? "Spark" : "dense")}, {Machine.Best}";

    public void Dispose()
    {
        decoder.Dispose();
        model.Dispose();
    }
}
