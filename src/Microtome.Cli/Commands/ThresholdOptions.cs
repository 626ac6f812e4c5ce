using System.CommandLine;
using Microtome.Imaging;
using Microtome.Learning.Supervision.Thresholds;
using Microtome.Pathology;

namespace Microtome.Cli.Commands;

/// <summary>The options of <c>--supervision thresholds</c>: teacher maps, what people labelled, and what must stay out.</summary>
internal sealed class ThresholdOptions
{
    private readonly Option<FileInfo?> slides = new("--slides") { Description = $"thresholds: CSV with the columns {SlideList.Header}; mpp where slides do not state their pixel size.", HelpName = "FILE" };
    private readonly Option<string> labels = new("--labels") { Description = "thresholds: manual (pathologists' patches), semi (teacher maps), all (both) or mix (manual for the groups that have it, semi for the others).", DefaultValueFactory = _ => "mix", HelpName = "KIND" };
    private readonly Option<string?> manual = new("--manual") { Description = "thresholds: patches that pathologists labelled: a folder (subfolders name the group) or a CSV with image,group and perhaps patient,split.", HelpName = "PATH" };
    private readonly Option<string?> semi = new("--semi") { Description = "thresholds: patches that are cut already, like --manual; without it they are cut from the slides into RUN/patches.", HelpName = "PATH" };
    private readonly Option<string?> table = new("--thresholds") { Description = "thresholds: CSV slide,lym_thr,nec_thr of the sliders set for each group of slides (0.775, 0.775 for slides not listed).", HelpName = "FILE" };
    private readonly Option<int> perSlide = new("--per-slide") { Description = "thresholds: patches cut of each slide.", DefaultValueFactory = _ => new SemiAutomaticPatches { Folder = string.Empty }.PerSlide, HelpName = "N" };
    private readonly Option<double> origin = new("--map-origin") { Description = "thresholds: level-0 pixel at which the grid of PNG maps begins: 1 as published, 0 for newer tools.", DefaultValueFactory = _ => MapGrid.PublishedOrigin, HelpName = "PX" };
    private readonly Option<string?> tested = new("--exclude") { Description = "thresholds: slides that are tested elsewhere, one a line or a CSV slide,patient: they and their patients are not trained from.", HelpName = "FILE" };
    private readonly Option<string?> positive = TilOptions.TilClass();

    public ThresholdOptions() => labels.AcceptOnlyFromAmong([.. Enum.GetNames<TrainingSetKind>().Select(static n => n.ToLowerInvariant())]);

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[slides, labels, manual, semi, table, perSlide, origin, tested, positive])
            command.Options.Add(option);
    }

    /// <summary>The list of slides, when it is given.</summary>
    /// <exception cref="SlideException">It is not there or malformed.</exception>
    public SlideList? Slides(ParseResult result) => result.GetValue(slides) is { } file ? SlideList.Read(file.ToString()) : null;

    /// <summary>Gathers the patches; cuts those that are not there yet.</summary>
    /// <exception cref="SlideException">A file is missing or wrong.</exception>
    /// <exception cref="UsageException">An option is missing.</exception>
    public ThresholdData Gather(ParseResult result, string folder, PatchTask task, int seed, CancellationToken cancellation)
    {
        var list = Slides(result) ?? throw new UsageException($"--supervision thresholds needs --slides FILE, a CSV with the columns {SlideList.Header}.");
        int count = result.GetValue(perSlide);
        if (count <= 0)
            throw new UsageException($"--per-slide {count}: give a positive number.");
        var cutting = new SemiAutomaticPatches
        {
            Folder = Path.Combine(folder, "patches"),
            PerSlide = count,
            Pixels = task.PatchPixels,
            Thresholds = result.GetValue(table) is { } path ? ThresholdTable.Read(path) : ThresholdTable.Empty,
            PngOrigin = result.GetValue(origin),
            PositiveClass = result.GetValue(positive),
            Seed = seed,
        };
        var kind = Enum.Parse<TrainingSetKind>(result.GetRequiredValue(labels), ignoreCase: true);
        return ThresholdData.Gather(
            kind, list, result.GetValue(manual), result.GetValue(semi), cutting, result.GetValue(tested) is { } names ? ThresholdData.ReadTested(names) : [], Answer.Log, cancellation);
    }
}
