using System.Text.Json;
using System.Text.Json.Nodes;
using Microtome.Imaging;
using Microtome.Networks;
using Microtome.Torch;
using static Microtome.Torch.torch;

namespace Microtome.Language;

/// <summary>A pretraining run in its folder: tokens.bin, config.json, checkpoint.safetensors, metrics.jsonl, and at the end model/.</summary>
public sealed class PretrainingRun : IDisposable
{
    private readonly TokenFile tokens;
    private readonly TextModel model;
    private readonly ITokenizer tokenizer;
    private readonly Pretrainer trainer;
    private readonly CorpusSource source;
    private readonly string folder;

    /// <summary>Prepares a run, or goes on with the one that lies in the folder.</summary>
    /// <param name="config">What is trained.</param>
    /// <param name="folder">The run's folder.</param>
    /// <param name="device">Where.</param>
    /// <param name="cancellation">While texts become tokens.</param>
    /// <exception cref="TextException">Texts, tokenizer or shape are wrong, or the folder holds another run.</exception>
    public PretrainingRun(PretrainingConfig config, string folder, Device device, CancellationToken cancellation)
    {
        this.folder = folder;
        bool leads = distributed.get_rank() == 0;
        Directory.CreateDirectory(folder);
        tokenizer = Tokenizers.Load(config.Tokenizer!);
        if (leads)
            Guard(config);
        string path = Path.Combine(folder, "tokens.bin");
        int? separator = config.Objective == ObjectiveKind.Causal ? tokenizer.Special.Eos : null;
        if (leads)
            TokenFile.Build(path, config.Files, tokenizer, new TokenFileOptions { Documents = config.Documents, Separator = separator }, null, cancellation).Dispose();
        if (distributed.get_world_size() > 1)
            distributed.barrier();
        tokens = TokenFile.Open(path);
        var training = config.Training;
        source = new CorpusSource(tokens, Objective(config, training.Seed), Objective(config, 0), training.Batch, config.HeldOut, training.Seed);
        var shape = config.Model with { Vocabulary = tokenizer.VocabularySize, Causal = config.Objective != ObjectiveKind.Masked, MaxLength = Math.Max(config.Model.MaxLength, training.Length) };
        manual_seed(training.Seed);
        try
        {
            model = new TextModel(shape, config.Objective == ObjectiveKind.Masked ? TextOutput.MaskedToken : TextOutput.NextToken);
        }
        catch (ArgumentException e)
        {
            throw new TextException(e.Message, e);
        }

        model.to(device);
        trainer = new Pretrainer(model, training, folder);
    }

    /// <summary>Weights of the model.</summary>
    public long Weights => model.parameters().Sum(static p => p.numel());

    /// <summary>Tokens to learn from and held out, and steps in which all are read once.</summary>
    public (long Training, long HeldOut, long StepsPerEpoch) Corpus => (source.Tokens.Training, source.Tokens.HeldOut, source.StepsPerEpoch);

    /// <summary>Steps done.</summary>
    public long Step => trainer.Step;

    /// <summary>Where the finished model lies.</summary>
    public string ModelFolder => Path.Combine(folder, "model");

    /// <summary>Trains to the end and writes the model.</summary>
    /// <exception cref="DivergedException">The loss is no number any more.</exception>
    public void Run(Action<TrainingEvent>? progress, CancellationToken cancellation)
    {
        trainer.Run(source, progress, cancellation);
        if (distributed.get_rank() != 0)
            return;
        Tokenizers.Save(tokenizer, Path.Combine(Directory.CreateDirectory(ModelFolder).FullName, "tokenizer.json"));
        TextModelFolder.Save(ModelFolder, model);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        trainer.Dispose();
        model.Dispose();
        tokens.Dispose();
    }

    private TextObjective Objective(PretrainingConfig config, long seed)
    {
        int length = config.Training.Length;
        return config.Objective switch
        {
            ObjectiveKind.Masked => new MaskedLanguageObjective(tokenizer, new MaskedLanguageOptions { Length = length, WholeWords = config.WholeWords, Seed = seed }),
            ObjectiveKind.Span => new SpanObjective(tokenizer, new SpanOptions { InputLength = length, Form = SpanForm.SingleStream, Seed = seed }),
            _ => new CausalObjective(length),
        };
    }

    // The same command goes on; another one must not go on with this one's weights.
    private void Guard(PretrainingConfig config)
    {
        string path = Path.Combine(folder, "config.json"), text = JsonSerializer.Serialize(config, TextModelFolder.Json) + "\n";
        if (File.Exists(path) && File.ReadAllText(path) != text)
        {
            var (old, now) = (JsonNode.Parse(File.ReadAllText(path)), JsonNode.Parse(text));
            string[] changed = [.. now!.AsObject().Where(p => !JsonNode.DeepEquals(p.Value, old?[p.Key])).Select(static p => p.Key)];
            throw new TextException($"{folder} holds a run with other settings ({string.Join(", ", changed)}). Choose another --output, or remove it to begin anew.");
        }

        AtomicFile.WriteAllText(path, text);
    }
}
