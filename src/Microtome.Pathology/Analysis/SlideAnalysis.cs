using System.Globalization;
using System.Text.Json.Nodes;
using Microtome.Imaging;
using Microtome.Learning;

namespace Microtome.Pathology;

/// <summary>
/// The analysis of one slide, step by step: tissue, nuclei, patch maps, exports, report. A step is done only when it is missing or out of date; each writes its
/// files under temporary names and is noted in provenance.json when they are complete, so that it may be killed anywhere and run again.
/// </summary>
public sealed class SlideAnalysis : IDisposable
{
    private readonly AnalysisSettings settings;
    private readonly NucleusModel? model;
    private readonly IAnalysisLog log;
    private readonly TimeProvider clock;
    private readonly Lazy<Task<ITileNetwork>> network;
    private readonly IReadOnlyList<PatchMapModel> maps;
    private readonly Dictionary<PatchMapModel, IPatchNetwork> classifiers = [];

    /// <summary>Makes an analysis.</summary>
    /// <param name="settings">What to do.</param>
    /// <param name="model">The network; may be null when <see cref="AnalysisSettings.Nuclei"/> is false.</param>
    /// <param name="log">Who is told.</param>
    /// <param name="clock">For timings; the system's by default.</param>
    /// <param name="maps">Classifiers of patches whose maps are wanted, at most one a task.</param>
    public SlideAnalysis(AnalysisSettings settings, NucleusModel? model, IAnalysisLog log, TimeProvider? clock = null, IReadOnlyList<PatchMapModel>? maps = null)
    {
        if (settings.Nuclei && model is null)
            throw new ArgumentNullException(nameof(model), "Nuclei need a model.");
        this.settings = settings;
        this.model = model;
        this.log = log;
        this.clock = clock ?? TimeProvider.System;
        this.maps = maps ?? [];
        network = new Lazy<Task<ITileNetwork>>(() => Task.Run(model!.CreateNetwork));
    }

    /// <summary>Analyses a slide.</summary>
    /// <param name="input">The slide.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <param name="begun">Called when the folder of results is ours, with its path.</param>
    /// <param name="ended">Called with the summary and the seconds it took while the folder is still ours.</param>
    /// <returns>The content of its summary.json.</returns>
    /// <exception cref="SlideException">The slide cannot be opened, read or measured.</exception>
    /// <exception cref="IOException">The results cannot be written, or another run writes them.</exception>
    /// <exception cref="OperationCanceledException">The analysis was cancelled; the same call goes on.</exception>
    public JsonObject Run(SlideInput input, CancellationToken cancellation, Action<string>? begun = null, Action<JsonObject, double>? ended = null)
    {
        long start = clock.GetTimestamp();
        using var slide = Slide.Open(input.Path, input.Mpp is { } mpp ? new PixelSize(mpp, mpp, PixelSizeSource.User) : null);
        var pixelSize = slide.RequirePixelSize();
        var fingerprint = InputFingerprint.Of(slide.Path);
        using var folder = ResultFolder.Open(Path.Combine(settings.Output, slide.Name));
        if (folder.TakenOver)
            log.Say($"{slide.Name}: an earlier run ended early; going on where it was.");
        begun?.Invoke(folder.FullPath);
        var job = new SlideJob(slide, pixelSize, fingerprint, folder, settings, new ProgressFile(log, folder.WorkFolder, clock), clock, cancellation);
        folder.Header = Header(job, input);

        // Loading libtorch and the weights takes about as long as finding tissue: both at once. The network stays for the slides that follow.
        if (settings.Nuclei && folder[NucleiStep.Name] is null)
            _ = network.Value;
        var tissue = new TissueStep(job).Run();
        cancellation.ThrowIfCancellationRequested();
        // Finding tissue took memory by the size of the slide; it goes back before the network takes its own, so that the peak does not depend on the slide.
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        NucleiResult? nuclei = null;
        if (settings.Nuclei)
        {
            nuclei = new NucleiStep(job, model!, () => network.Value.GetAwaiter().GetResult()).Run(tissue);
            new ExportStep(job, model!).Run(nuclei);
        }

        new QualityStep(job).Run(tissue, nuclei);
        var patches = new List<PatchResult>();
        foreach (var map in maps)
        {
            cancellation.ThrowIfCancellationRequested();
            patches.Add(new PatchStep(job, map, () => Classifier(map)).Run(tissue));
        }

        var (tumor, til) = (patches.Find(p => p.Model.Task == PatchTask.Tumor), patches.Find(p => p.Model.Task == PatchTask.Til));
        var together = tumor is not null && til is not null ? new TumorTilStep(job).Run(tumor, til) : null;
        cancellation.ThrowIfCancellationRequested();
        var summary = new ReportStep(job, model).Run(tissue, nuclei, patches, together);
        ended?.Invoke(summary, job.Since(start));
        return summary;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var classifier in classifiers.Values)
            classifier.Dispose();
        if (!network.IsValueCreated)
            return;
        try
        {
            network.Value.GetAwaiter().GetResult().Dispose();
        }
        catch (Exception)
        {
            // It could not be loaded: whoever asked for it was told.
        }
    }

    // Kept for the slides that follow.
    private IPatchNetwork Classifier(PatchMapModel map)
    {
        if (!classifiers.TryGetValue(map, out var classifier))
            classifiers[map] = classifier = map.CreateNetwork();
        return classifier;
    }

    private JsonObject Header(SlideJob job, SlideInput input)
    {
        var level0 = job.Slide.Levels[0];
        var header = new JsonObject
        {
            ["program"] = "microtome",
            ["version"] = ProgramVersion.Text,
            ["command_line"] = new JsonArray([.. settings.CommandLine.Select(a => JsonValue.Create(a))]),
            ["started_utc"] = clock.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
            ["host"] = Environment.MachineName,
            ["input"] = new JsonObject
            {
                ["path"] = job.Slide.Path,
                ["bytes"] = job.Fingerprint.Bytes,
                ["fingerprint"] = job.Fingerprint.Value,
                ["format"] = job.Slide.Format,
                ["width_px"] = level0.Width,
                ["height_px"] = level0.Height,
            },
            ["mpp"] = new JsonObject
            {
                ["x"] = job.PixelSize.X,
                ["y"] = job.PixelSize.Y,
                ["source"] = job.PixelSize.Source.ToString(),
                ["given"] = input.Mpp,
                ["notes"] = new JsonArray([.. job.Slide.PixelSizeNotes.Select(n => JsonValue.Create(n))]),
            },
            ["device"] = settings.Device,
            ["threads"] = settings.Threads,
            ["batch_size"] = settings.BatchSize,
            ["seed"] = settings.Seed,
            ["libraries"] = ProgramVersion.Libraries(),
        };
        if (settings.Nuclei)
            header["model"] = new JsonObject { ["name"] = model!.Name, ["weights_sha256"] = model.Sha256, ["mpp"] = model.Mpp, ["precision"] = model.Precision == NetworkPrecision.Int8 ? "int8" : "float32", ["flips"] = model.Flips };
        foreach (var map in maps)
            header[$"{map.Task.Name}_model"] = new JsonObject { ["name"] = map.Name, ["weights_sha256"] = map.Sha256, ["patch_um"] = map.Config.PatchUm, ["threshold"] = map.Threshold };
        return header;
    }
}
