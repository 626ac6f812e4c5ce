using System.CommandLine;
using System.Text.Json.Nodes;
using Microtome.Imaging;
using Microtome.Learning;

namespace Microtome.Cli.Commands;

/// <summary><c>evaluate nuclei</c>: label images against true ones, pair by pair and in the mean.</summary>
internal static class EvaluateNucleiCommand
{
    private const string Suffix = "_inst.png";

    public static Command Create()
    {
        var truth = new Option<string>("--truth") { Description = "Folder of true labels, NAME_inst.png.", HelpName = "DIR", Required = true };
        var predicted = new Option<string>("--predicted") { Description = "Folder of predicted labels with the same names.", HelpName = "DIR", Required = true };
        var mpp = new Option<double>("--mpp")
        {
            Description = "Microns per pixel of the images; the detection radius is 3 um.",
            HelpName = "X",
            DefaultValueFactory = static _ => 0.25,
        };
        mpp.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<double>() is not (>= PixelSize.Smallest and <= PixelSize.Largest))
                result.AddError($"--mpp must lie between {PixelSize.Smallest} and {PixelSize.Largest} um per pixel.");
        });
        var command = new Command("nuclei", "Dice, AJI, PQ and F1 of label images (16-bit PNG, 0 = background) against the truth.") { truth, predicted, mpp };
        command.SetAction((parsed, cancellation) => Task.Run(
            () => Run(CommonSettings.From(parsed), parsed.GetValue(truth)!, parsed.GetValue(predicted)!, parsed.GetValue(mpp), cancellation), cancellation));
        return command;
    }

    private static int Run(CommonSettings settings, string truth, string predicted, double mpp, CancellationToken cancellation)
    {
        var names = Names(truth, "--truth");
        if (names.Length == 0)
            throw new SlideException($"--truth {truth} holds no file that ends in {Suffix}: there is nothing to compare with.");
        foreach (var extra in Names(predicted, "--predicted").Except(names, StringComparer.Ordinal))
            Answer.Log($"{extra}{Suffix} has no truth in {truth} and is left out.");

        var tallies = new NucleusTally?[names.Length];
        var errors = new string?[names.Length];
        Parallel.For(0, names.Length, new ParallelOptions { MaxDegreeOfParallelism = settings.Threads, CancellationToken = cancellation }, i =>
        {
            try
            {
                tallies[i] = Compare(Path.Combine(truth, names[i] + Suffix), Path.Combine(predicted, names[i] + Suffix), NucleusMetrics.DetectionRadius * 0.25 / mpp);
            }
            catch (SlideException e)
            {
                errors[i] = e.Message;
            }
        });

        foreach (var error in errors.Where(static e => e is not null))
            Answer.Log($"microtome: {error}");
        var done = tallies.Where(static t => t is not null).Select(static t => t!).ToArray();
        if (done.Length == 0)
            throw new SlideException($"None of the {names.Length} pairs of {truth} and {predicted} could be compared.");
        var mean = NucleusScores.Mean([.. done.Select(static t => t.Scores)]);
        var pooled = NucleusTally.Pool(done).Scores;
        if (settings.Json)
            PrintJson(names, tallies, errors, mean, pooled);
        else
            PrintTable(names, tallies, mean, pooled);
        return done.Length == names.Length
            ? ExitCode.Done
            : throw new PartialFailureException($"{names.Length - done.Length} of {names.Length} pairs could not be compared; the means are over the others.");
    }

    private static string[] Names(string folder, string option)
    {
        if (!Directory.Exists(folder))
            throw new SlideException($"{option} {folder} {(File.Exists(folder) ? "is a file; name the folder that holds it" : "does not exist")}.");
        string[] names = [.. Directory.EnumerateFiles(folder).Select(Path.GetFileName).Where(static f => f!.EndsWith(Suffix, StringComparison.Ordinal)).Select(static f => f![..^Suffix.Length])];
        Array.Sort(names, StringComparer.Ordinal);
        return names;
    }

    private static NucleusTally Compare(string truth, string predicted, double radius)
    {
        if (!File.Exists(predicted))
            throw new SlideException($"{predicted} does not exist: the truth {truth} has no prediction.");
        var (t, p) = (LabelImage.Read(truth), LabelImage.Read(predicted));
        if (t.Width != p.Width || t.Height != p.Height)
            throw new SlideException($"{predicted} has {p.Width} x {p.Height} px and its truth {t.Width} x {t.Height} px: predict at the size of the image.");
        return NucleusMetrics.Count(t, p, radius);
    }

    private static void PrintTable(string[] names, NucleusTally?[] tallies, NucleusScores mean, NucleusScores pooled)
    {
        var width = Math.Max(6, names.Max(static n => n.Length));
        Answer.Line($"{"image".PadRight(width)}   dice    aji     pq     dq     sq     f1  det_f1   true  found");
        for (var i = 0; i < names.Length; i++)
        {
            if (tallies[i] is { } tally)
                Answer.Line(Row(names[i].PadRight(width), tally.Scores));
        }

        Answer.Line(Row("mean".PadRight(width), mean));
        Answer.Line(Row("pooled".PadRight(width), pooled));
    }

    private static string Row(string name, NucleusScores s) =>
        $"{name} {s.Dice,6:0.0000} {s.Aji,6:0.0000} {s.Pq,6:0.0000} {s.Dq,6:0.0000} {s.Sq,6:0.0000} {s.F1,6:0.0000} {s.DetectionF1,7:0.0000} {s.TruthObjects,6} {s.PredictedObjects,6}";

    private static void PrintJson(string[] names, NucleusTally?[] tallies, string?[] errors, NucleusScores mean, NucleusScores pooled)
    {
        var images = new JsonArray();
        var failed = new JsonArray();
        for (var i = 0; i < names.Length; i++)
        {
            if (tallies[i] is { } tally)
            {
                var image = new JsonObject { ["name"] = names[i] };
                Fill(image, tally.Scores);
                images.Add(image);
            }
            else
            {
                failed.Add(new JsonObject { ["name"] = names[i], ["error"] = errors[i] });
            }
        }

        var (all, pool) = (new JsonObject(), new JsonObject());
        Fill(all, mean);
        Fill(pool, pooled);
        Answer.Json(new JsonObject { ["images"] = images, ["mean"] = all, ["pooled"] = pool, ["errors"] = failed });
    }

    private static void Fill(JsonObject target, NucleusScores s)
    {
        target["dice"] = s.Dice;
        target["aji"] = s.Aji;
        target["pq"] = s.Pq;
        target["dq"] = s.Dq;
        target["sq"] = s.Sq;
        target["f1"] = s.F1;
        target["detection_f1"] = s.DetectionF1;
        target["true_nuclei"] = s.TruthObjects;
        target["predicted_nuclei"] = s.PredictedObjects;
    }
}
