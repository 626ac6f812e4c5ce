using System.CommandLine;
using Microtome.Imaging;
using Microtome.Pathology;

namespace Microtome.Cli.Commands;

/// <summary><c>til SLIDE...</c> and <c>tumor SLIDE...</c>: the patches of slides, classified.</summary>
internal static class PatchMapCommand
{
    public static Command Til() => Create(PatchTask.Til, "Lymphocyte maps of slides; tumor and lymphocyte maps on one grid, counted, against survival.", "Which 50 um patches hold lymphocytes.");

    public static Command Tumor() => Create(PatchTask.Tumor, "Tumor maps of slides.", "Which 87.5 um patches hold tumor.");

    /// <summary>The option that names a task's model.</summary>
    public static Option<string> Model(PatchTask task, string option) => new(option) { Description = $"The {task.Name} model: a name of 'models list', or a folder in the WSInfer zoo's layout.", HelpName = "NAME", DefaultValueFactory = _ => task.Name };

    private static Command Create(PatchTask task, string description, string finds)
    {
        var slides = SlideOptions.Slides();
        slides.Description = $"Slides, ordinary pictures, synthetic:WIDTHxHEIGHT, or a .csv with the columns slide and mpp. {finds}";
        var mpp = SlideOptions.Mpp();
        var model = Model(task, "--model");
        var threshold = new Option<double?>("--threshold") { Description = "Positive from this probability on (default: the model's).", HelpName = "X" };
        var preset = new Option<string>("--preset") { Description = "How tissue is found: resection, biopsy, pale or ihc.", HelpName = "NAME", DefaultValueFactory = static _ => "resection" };
        var geoJson = new Option<bool>("--geojson") { Description = "Also write the patches for QuPath." };
        var batch = BatchSize();
        var command = new Command(task.Name, description) { slides, mpp, model, threshold, preset, geoJson, batch };
        command.SetAction((result, cancellation) =>
        {
            var common = CommonSettings.From(result);
            var settings = new AnalysisSettings
            {
                Output = common.Output ?? AnalyzeCommand.DefaultOutput,
                Nuclei = false,
                Tissue = TissueOptions.Named(result.GetValue(preset)!),
                Threads = common.Threads,
                PatchBatchSize = BatchSize(result.GetValue(batch)),
                Device = common.Device,
                GeoJson = result.GetValue(geoJson),
                Seed = common.Seed,
                CommandLine = Environment.GetCommandLineArgs(),
            };
            var inputs = AnalyzeCommand.Inputs(result.GetValue(slides)!, SlideOptions.ParsePixelSize(result.GetValue(mpp))?.Mean);
            var map = PatchMapModel.Open(result.GetValue(model)!, task, common.Device, common.Threads, Threshold(result.GetValue(threshold)));
            foreach (var input in inputs)
                GuardTable(settings.Output, NameOf(input.Path), map);
            return Task.FromResult(AnalyzeCommand.Run(settings, null, inputs, common, cancellation, [map], name => Copy(settings.Output, name, task)));
        });
        return command;
    }

    /// <summary>How many patches go through the network at once.</summary>
    public static Option<int> BatchSize() => new("--batch-size") { Description = "Patches per call of a patch classifier. It changes no result.", HelpName = "N", DefaultValueFactory = static _ => new AnalysisSettings { Output = string.Empty }.PatchBatchSize };

    /// <summary>Checks it.</summary>
    public static int BatchSize(int value) => value is >= 1 and <= 1024 ? value : throw new UsageException($"--batch-size {value}: it must lie in 1 to 1024.");

    private static double? Threshold(double? value) => value is null or (> 0 and <= 1) ? value : throw new UsageException($"--threshold {value}: a probability above 0 and at most 1.");

    private static string NameOf(string path)
    {
        if (!path.StartsWith(Slide.SyntheticPrefix, StringComparison.OrdinalIgnoreCase))
            return SlideName.Of(path);
        using var slide = SyntheticSlide.Parse(path);
        return slide.Name;
    }

    // til and tumor write tables of one name: neither takes the other's for its own.
    private static void GuardTable(string output, string name, PatchMapModel map)
    {
        string path = Path.Combine(output, name + ".csv");
        if (!File.Exists(path))
            return;
        string wanted = "minx,miny,width,height," + string.Join(',', map.Config.ClassNames.Select(c => "prob_" + c));
        if (File.ReadLines(path).FirstOrDefault() != wanted)
            throw new UsageException($"{path} is there and is no table of {map.Name} ({wanted}). Give another folder with --output.");
    }

    // The promise of the command: OUTPUT/NAME.csv and .png beside the folder with everything else.
    private static void Copy(string output, string name, PatchTask task)
    {
        foreach (string ending in (ReadOnlySpan<string>)[".csv", ".png", ".geojson"])
        {
            string from = Path.Combine(output, name, task.Name + ending), to = Path.Combine(output, name + ending);
            if (!File.Exists(from))
                continue;
            if (File.Exists(to) && new FileInfo(to).Length == new FileInfo(from).Length && File.ReadAllBytes(to).AsSpan().SequenceEqual(File.ReadAllBytes(from)))
                continue;
            AtomicFile.Write(to, temporary => File.Copy(from, temporary, overwrite: true));
        }
    }
}
