using System.Globalization;
using System.Text.Json;
using Microtome.Pathology;

namespace Microtome.EndToEnd.Tests;

public class LabelTrainingTests
{
    private static readonly string Name = Path.GetFileNameWithoutExtension(MicrotomeProgram.Sample);

    [Fact]
    public void LabelTrainLookAgain_MovesTheMapTowardsTheLabels()
    {
        using var folder = new TemporaryFolder();
        Analyze(folder["out"]);
        var before = Table(folder["out"]);
        // Labels against the model: what it finds doubtful is called lymphocytes, what it finds plainly none stays none.
        var doubtful = before.OrderByDescending(static p => p.Probability).Take(12).ToList();
        var plain = before.OrderBy(static p => p.Probability).Take(12).ToList();
        Label(folder["out"], [.. doubtful.Select(static p => (p, (bool?)true)), .. plain.Select(static p => (p, (bool?)false)), (before[before.Count / 2], null)]);

        var trained = MicrotomeProgram.Run("train", "classifier", "--task", "til", "--supervision", "labels", "--results", folder["out"], "--from", "til", "--steps", "12", "--learning-rate", "1e-3", "-o", folder["run"], "--json");

        Assert.True(trained.ExitCode == 0, trained.Error);
        Assert.Contains("24 judged patches, 12 positive, 1 unclear", trained.Error, StringComparison.Ordinal);
        Assert.Contains("no honest validation", trained.Error, StringComparison.Ordinal);
        using (var notes = JsonDocument.Parse(File.ReadAllText(folder["run", "model", "microtome.json"])))
        {
            var from = notes.RootElement.GetProperty("trained_from");
            Assert.Equal("til", from.GetProperty("start_model").GetString());
            Assert.Equal(24, from.GetProperty("labels").GetInt32());
            Assert.Equal(Name, from.GetProperty("slides")[0].GetProperty("name").GetString());
            Assert.Equal(0.3408, notes.RootElement.GetProperty("threshold").GetDouble());
            Assert.Contains("no honest validation", notes.RootElement.GetProperty("warnings").GetRawText(), StringComparison.Ordinal);
        }

        Assert.Contains("labels", File.ReadAllText(folder["run", "model", "MODEL_CARD.md"]), StringComparison.Ordinal);
        // The labels stay where they are, and the map is made anew.
        string labels = File.ReadAllText(folder["out", Name, PatchLabelFile.Name]);
        Analyze(folder["out"], "--til-model", folder["run", "model"]);
        Assert.Equal(labels, File.ReadAllText(folder["out", Name, PatchLabelFile.Name]));
        var after = Table(folder["out"]).ToDictionary(static p => (p.X, p.Y), static p => p.Probability);
        double Mean(IEnumerable<Patch> patches) => patches.Average(p => after[(p.X, p.Y)]);
        Assert.True(Mean(doubtful) > doubtful.Average(static p => p.Probability) + 0.02, $"{doubtful.Average(static p => p.Probability)} -> {Mean(doubtful)}");
        Assert.True(Mean(plain) < 0.2, $"{plain.Average(static p => p.Probability)} -> {Mean(plain)}");
    }

    [Fact]
    public void Train_WithLabelsThatTeachNothing_SaysWhy()
    {
        using var folder = new TemporaryFolder();
        Analyze(folder["out"]);
        var patches = Table(folder["out"]);

        Refused(folder, "Nobody has labelled a patch for 'til'");
        Label(folder["out"], [(patches[0], true), (patches[1], true)]);
        Refused(folder, "All 2 labels for 'til' are Lymphocytes: a classifier needs both");
        Label(folder["out"], [(patches[0], null), (patches[1], null)]);
        Refused(folder, "All 2 labels for 'til' are 'unclear'");
        Label(folder["out"], [(patches[0], true), (patches[1] with { Width = 300 }, false)]);
        Refused(folder, "149.7 x 49.9 um were labelled, and the model takes 50 um");
        string file = folder["out", Name, PatchLabelFile.Name];
        Label(folder["out"], [(patches[0], true), (patches[1], false)]);
        File.AppendAllText(file, "til,1,2,three,4,Other,0,0.5,\n");
        Refused(folder, $"{file}, line 4: 'three' is no number where width stands");

        Assert.False(Directory.Exists(folder["run", "model"]));
        Assert.Contains("needs --results DIR", Wrong("--supervision", "labels"), StringComparison.Ordinal);
        Assert.Contains("no results lie there", Wrong("--supervision", "labels", "--results", folder.FullPath), StringComparison.Ordinal);
        Assert.Contains("its architecture is 'patchnet', and --architecture says 'resnet18'", Wrong("--supervision", "labels", "--results", folder["out"], "--from", "til", "--architecture", "resnet18"), StringComparison.Ordinal);
        Assert.Contains("it was made for 'tumor', and --task says 'til'", Wrong("--supervision", "labels", "--results", folder["out"], "--from", "tumor"), StringComparison.Ordinal);

        string Wrong(params string[] arguments)
        {
            var outcome = MicrotomeProgram.Run(["train", "classifier", "--task", "til", "-o", folder["run"], .. arguments]);
            Assert.InRange(outcome.ExitCode, 2, 3);
            return outcome.Error;
        }
    }

    [Fact]
    public void Train_WhenTheSlideIsGoneOrAnother_NamesItAndTheOption()
    {
        using var folder = new TemporaryFolder();
        string slide = folder["tissue.svs"];
        File.Copy(MicrotomeProgram.Sample, slide);
        Analyze(folder["out"], slide: slide);
        var patches = Table(folder["out"], "tissue");
        Label(folder["out"], [(patches[0], true), (patches[1], false)], "tissue");

        Directory.CreateDirectory(folder["moved"]);
        File.Move(slide, folder["moved", "tissue.svs"]);
        Refused(folder, $"tissue: its slide is no longer at {slide}. Say where it lies now: --slides-from DIR");
        File.WriteAllText(slide, "another");
        Refused(folder, $"tissue: {slide} is not the file that was analysed and labelled");

        var moved = MicrotomeProgram.Run("train", "classifier", "--task", "til", "--supervision", "labels", "--results", folder["out", "tissue"], "--slides-from", folder["moved"], "--from", "til", "--steps", "1", "--batch", "4", "-o", folder["run"]);
        Assert.True(moved.ExitCode == 0, moved.Error);
    }

    private static void Refused(TemporaryFolder folder, string message)
    {
        var outcome = MicrotomeProgram.Run("train", "classifier", "--task", "til", "--supervision", "labels", "--results", folder["out"], "--from", "til", "--steps", "1", "-o", folder["run"]);
        Assert.Equal(3, outcome.ExitCode);
        Assert.Contains(message, outcome.Error, StringComparison.Ordinal);
    }

    private static void Analyze(string results, string? option = null, string? value = null, string? slide = null)
    {
        string[] more = option is null ? [] : [option, value!];
        var outcome = MicrotomeProgram.Run(["analyze", slide ?? MicrotomeProgram.Sample, "--only", "tissue,til", "-o", results, .. more]);
        Assert.True(outcome.ExitCode == 0, outcome.Error);
    }

    private static void Label(string results, IEnumerable<(Patch Patch, bool? Positive)> labels, string? slide = null) =>
        PatchLabelFile.Write(Path.Combine(results, slide ?? Name), labels.Select(l => new PatchLabel(
            "til", l.Patch.X, l.Patch.Y, l.Patch.Width, l.Patch.Height, l.Positive switch { true => "Lymphocytes", false => "Other", null => PatchLabelFile.Unclear }, l.Positive, l.Patch.Probability, DateTime.UnixEpoch)));

    private static List<Patch> Table(string results, string? slide = null) =>
        [.. File.ReadAllLines(Path.Combine(results, slide ?? Name, "til.csv")).Skip(1).Select(static line => line.Split(',').Select(static cell => double.Parse(cell, CultureInfo.InvariantCulture)).ToArray())
            .Select(static c => new Patch(c[0], c[1], c[2], c[3], c[5]))];

    private sealed record Patch(double X, double Y, double Width, double Height, double Probability);
}
