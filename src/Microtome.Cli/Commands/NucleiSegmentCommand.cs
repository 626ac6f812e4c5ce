using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Microtome.Cli.Commands;
using Microtome.Imaging;
using Microtome.Pathology;

namespace Microtome.Cli;

/// <summary><c>nuclei segment IMAGE... -o OUT</c>: a label image and outlines for each picture.</summary>
internal static class NucleiSegmentCommand
{
    public static Command Create()
    {
        var images = new Argument<string[]>("IMAGE") { Description = "Pictures: PNG, JPEG, TIFF or a slide.", Arity = ArgumentArity.OneOrMore };
        var mpp = SlideOptions.Mpp();
        var model = new Option<string>("--model") { Description = "The nucleus model: a name of 'models list', or a folder.", HelpName = "NAME", DefaultValueFactory = static _ => "nuclei" };
        // Fields of view are small, so the accurate way is the default here; analyze looks once.
        var flips = new Option<int>("--flips") { Description = "Mirrored and turned copies to average: 1 is fastest, 8 most accurate.", HelpName = "1|2|4|8", DefaultValueFactory = static _ => 8 };
        var precision = PrecisionOption.Create();
        var command = new Command("segment", "Write NAME_inst.png (16-bit labels, 0 = background) and NAME.geojson for each picture.") { images, mpp, model, flips, precision };
        command.SetAction((result, cancellation) => Task.FromResult(
            Run(result.GetValue(images)!, SlideOptions.ParsePixelSize(result.GetValue(mpp)), result.GetValue(model)!, result.GetValue(flips), PrecisionOption.Of(result.GetValue(precision)), CommonSettings.From(result), cancellation)));
        return command;
    }

    private static int Run(string[] paths, PixelSize? given, string modelName, int flips, NetworkPrecision precision, CommonSettings common, CancellationToken cancellation)
    {
        string output = common.Output ?? throw new UsageException("nuclei segment needs -o OUT, the folder for the label images.");
        var twice = paths.GroupBy(p => Path.GetFileNameWithoutExtension(p), StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1);
        if (twice is not null)
            throw new UsageException($"{string.Join(" and ", twice)} would both be written to {twice.Key}_inst.png. Use one --output for each.");
        if (flips is not (1 or 2 or 4 or 8))
            throw new UsageException($"--flips {flips}: give 1, 2, 4 or 8.");
        // The cheap faults first: libtorch takes a second to load.
        if (paths.Length == 1)
        {
            using var only = Slide.Open(paths[0], given);
            only.RequirePixelSize();
        }

        var model = NucleusModels.Open(modelName, common.Device, common.Threads, flips, precision: precision);
        using var network = model.CreateNetwork();
        var segmentation = new ImageSegmentation(model, network, common.Threads);
        var log = new AnalysisConsole();
        var rows = new JsonArray();
        int failed = 0;
        foreach (string path in paths)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                var row = Segment(path, given, output, segmentation, log, cancellation);
                rows.Add((JsonNode)row);
                if (!common.Json)
                    Answer.Line(string.Create(CultureInfo.InvariantCulture, $"{(string)row["labels"]!}: {(int)row["nuclei_count"]!:#,##0} nuclei"));
            }
            catch (SlideException e) when (paths.Length > 1)
            {
                failed++;
                rows.Add((JsonNode)new JsonObject { ["image"] = path, ["error"] = e.Message });
                Answer.Log($"microtome: {e.Message}");
            }
        }

        if (common.Json)
            Answer.Json(rows.Count == 1 ? rows[0]!.DeepClone() : new JsonObject { ["images"] = rows });
        if (failed > 0)
            throw new PartialFailureException($"{failed} of {paths.Length} pictures failed.");
        return ExitCode.Done;
    }

    private static JsonObject Segment(string path, PixelSize? given, string output, ImageSegmentation segmentation, AnalysisConsole log, CancellationToken cancellation)
    {
        using var picture = Slide.Open(path, given);
        var (labels, nuclei) = log.Watch(picture.Name, progress => segmentation.Run(picture, progress, cancellation));
        // More labels than 16 bits hold go into a 24-bit picture: see LabelImage.
        if (nuclei.Count > ushort.MaxValue)
            log.Say($"{path}: {nuclei.Count:#,##0} nuclei do not fit 16-bit labels; the label image is RGB with label = R + 256 G + 65536 B.");
        string image = Path.Combine(output, picture.Name + "_inst.png"), outlines = Path.Combine(output, picture.Name + ".geojson");
        LabelImage.Write(image, labels);
        NucleusGeoJson.Write(outlines, nuclei, picture.Name, cancellation);
        return new JsonObject { ["image"] = path, ["labels"] = image, ["outlines"] = outlines, ["nuclei_count"] = nuclei.Count };
    }
}
