using System.Text.Json;
using Microtome.Imaging;
using Microtome.Learning;
using Microtome.Learning.Models;
using Microtome.Learning.Supervision.InstanceMasks;
using Microtome.Learning.Training;
using Microtome.Networks;
using Microtome.Torch;
using static Microtome.Torch.torch;

namespace Microtome.Pathology;

/// <summary>Trains the nucleus network from instance masks and keeps it as a model folder.</summary>
public sealed record NucleusTraining
{
    // Orders of summation differ between engines and thread counts by about 1e-6; wrong weights by more than 1e-2.
    private const double SelfTestTolerance = 1e-3;

    /// <summary>The labelled pictures.</summary>
    public required Manifest Manifest { get; init; }

    /// <summary>The run folder: checkpoint.safetensors, metrics.jsonl, options.json and, at the end, model/.</summary>
    public required string Folder { get; init; }

    /// <summary>A model whose weights are the start; <see cref="Network"/> is its shape, or wider. Null for fresh weights.</summary>
    public string? Start { get; init; }

    /// <summary>How labels that may hold several nuclei (<see cref="ManifestRow.Instances"/> below 1) are parted.</summary>
    public ComponentParting Parting { get; init; }

    /// <summary>The shape of the network.</summary>
    public UNetOptions Network { get; init; } = new();

    /// <summary>Steps, rates, seed.</summary>
    public TrainingOptions Training { get; init; } = new();

    /// <summary>How crops vary.</summary>
    public AugmentationOptions Augmentation { get; init; } = new();

    /// <summary>The loss.</summary>
    public InstanceLoss Loss { get; init; } = new();

    /// <summary>The licence of the weights, which follows from the training data.</summary>
    public string Licence { get; init; } = "CC-BY-NC-SA-4.0";

    /// <summary>Trains, writes Folder/model and scores it on the validation patients.</summary>
    /// <param name="log">Receives a line now and then.</param>
    /// <param name="cancellation">Stops after the current step with a checkpoint.</param>
    /// <returns>The mean scores over the validation pictures, or null when the manifest has none.</returns>
    /// <exception cref="UsageException">The folder holds a run with other options.</exception>
    public NucleusScores? Run(Action<string> log, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Folder);
        GuardOptions();
        NativeMemory.KeepFreed(large: true);
        manual_seed(Training.Seed);
        set_flush_denormal(true);
        var images = ReadImages(log);
        log($"{images.Count} training pictures of {images.Select(image => image.Row.Patient).Distinct(StringComparer.Ordinal).Count()} patients.");

        using var network = new UNet(Network);
        if (Start is not null)
            StartFrom(network, Start);
        network.to(MemoryFormat.ChannelsLast);
        using var trainer = new Trainer<CropBatch>(network, Training, Folder);
        if (trainer.Step > 0)
            log($"continues from step {trainer.Step}.");
        using (var crops = new CropSource(images, Augmentation, Training.CropSize, Training.Batch, Training.Seed, trainer.Step))
        {
            trainer.Run(crops.Next, (module, batch) => Loss.Compute(
                module.forward(tensor(batch.Pictures, [batch.Count, 3, batch.Size, batch.Size]).contiguous(MemoryFormat.ChannelsLast)),
                tensor(batch.Targets, [batch.Count, 3, batch.Size, batch.Size]),
                tensor(batch.Trust)), Report, cancellation);
        }

        var model = Path.Combine(Folder, "model");
        Directory.CreateDirectory(model);
        Safetensors.Save(Path.Combine(model, "model.safetensors"), trainer.Average);
        var config = new ModelConfig
        {
            Name = "nuclei",
            Task = "nuclei",
            Architecture = "unet",
            Network = Network,
            Mpp = 0.25,
            Outputs = NucleusNetwork.Outputs,
            Licence = Licence,
            Postprocessing = ModelConfig.Element(new NucleusPostprocessingOptions()),
        };
        AtomicFile.WriteAllText(Path.Combine(model, "config.json"), config.ToJson());
        using (var trained = NucleusNetwork.Open(model, precision: NetworkPrecision.Float32))
            config = config with { SelfTest = new ModelSelfTest(trained.Answer(), SelfTestTolerance) };
        AtomicFile.WriteAllText(Path.Combine(model, "config.json"), config.ToJson());
        NucleusQuantization.Run(model, images, Augmentation, Training.Seed);
        return Manifest.Of("validation").Any() ? NucleusEvaluation.Run(model, Manifest.Of("validation"), new NucleusEvaluationOptions(), log).Mean : null;

        void Report(long step, double loss, double seconds) =>
            log($"step {step}/{Training.Steps}  loss {loss:F4}  {seconds:F2} s/step  {TimeSpan.FromSeconds((Training.Steps - step) * seconds):h\\:mm\\:ss} left");
    }

    private List<TrainingImage> ReadImages(Action<string> log)
    {
        var (labels, pieces) = (0, 0);
        using var network = Parting == ComponentParting.Start
            ? NucleusNetwork.Open(Start ?? throw new InvalidOperationException("Labels are parted by the start network, and there is none."), flips: 8)
            : null;
        var segmenter = network is null ? null : new NucleusFieldSegmenter(network, network.Postprocessing);
        List<TrainingImage> images = [.. Manifest.Of("train").AsParallel().AsOrdered().Select(row => TrainingImage.Load(row, Part))];
        if (labels > 0)
            log($"{labels} labels that may hold several nuclei were parted into {pieces} by {(network is null ? "their shape" : "the network of the start")}.");
        return images;

        Raster<int> Part(RgbImage picture, Raster<int> mask)
        {
            Raster<int> parted;
            if (segmenter is null)
            {
                parted = ComponentSplit.Run(mask);
            }
            else
            {
                lock (segmenter)
                    parted = ComponentSplit.Run(mask, segmenter.Predict(picture), network!.Postprocessing);
            }

            Interlocked.Add(ref labels, LabelBoxes.Of(mask).Count);
            Interlocked.Add(ref pieces, LabelBoxes.Of(parted).Count);
            return parted;
        }
    }

    private static void StartFrom(UNet network, string start)
    {
        var folder = ModelFolder.Find(start);
        using var trained = new UNet(ModelConfig.Read(folder.Config).Network);
        trained.load(folder.Weights);
        try
        {
            network.StartFrom(trained);
        }
        catch (ArgumentException exception)
        {
            throw new UsageException($"{folder.Location}: {exception.Message}", exception);
        }
    }

    private void GuardOptions()
    {
        var text = JsonSerializer.Serialize(new { Start = Start is null ? null : ModelFolder.Find(Start).WeightsHash(), Parting = Parting.ToString(), Network, Training, Augmentation, Loss, rows = Manifest.Rows.Count }, JsonSerializerOptions.Web);
        var path = Path.Combine(Folder, "options.json");
        if (File.Exists(path) && !string.Equals(File.ReadAllText(path), text, StringComparison.Ordinal))
            throw new UsageException($"{Folder} holds a run with other options (see options.json there): give another folder, or the same options to go on with it.");
        AtomicFile.WriteAllText(path, text);
    }
}
