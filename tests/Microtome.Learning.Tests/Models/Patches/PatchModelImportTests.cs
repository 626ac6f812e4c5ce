using Microtome.Imaging;
using Microtome.Learning.Models;

namespace Microtome.Learning.Tests.Models;

// One at a time with the other tests of the engine: its random numbers and its count of live tensors are the process's.
[Collection("torch")]
public sealed class PatchModelImportTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("microtome-import").FullName;

    private string Zoo => Path.Combine(folder, "breast-tumor.tcga-brca");

    private string Home => Path.Combine(folder, "models");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Run_AZooFolder_CopiesItWithItsSelfTest()
    {
        Write("convolutions3", 3);
        File.WriteAllText(Path.Combine(Zoo, "README.md"), "# Tumor");
        File.WriteAllText(Path.Combine(Zoo, "pytorch_model.bin"), "pickle");

        var model = new PatchModelImport { Task = "tumor", PositiveClass = "C1", Threshold = 0.42 }.Run(Zoo, Home);

        Assert.Equal("breast-tumor.tcga-brca", model.Name);
        Assert.Equal(Path.Combine(Home, model.Name), model.Folder.Location);
        Assert.Equal(("tumor", 1, 0.42), (model.Task, model.PositiveClass, model.Threshold));
        Assert.Equal(File.ReadAllBytes(Path.Combine(Zoo, "config.json")), File.ReadAllBytes(model.Folder.Config));
        Assert.Equal(["README.md", "config.json", "microtome.json", "torchscript_model.pt"], Directory.GetFiles(model.Folder.Location).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Single(Directory.GetFileSystemEntries(Home));
        using var classifier = PatchClassifier.Open(model);
        classifier.Check();
    }

    [Theory]
    [InlineData("convolutions3", 3, 8)]
    [InlineData("mixes2", 2, 1)]
    public void Run_ANetwork_NotesItsBatch_AndItAnswersWithTheSameBits(string script, int classes, int batch)
    {
        Write(script, classes);
        var model = new PatchModelImport { Name = "x" }.Run(Zoo, Home);
        Assert.Equal(batch, model.Notes.Batch!.Size);
        using var before = PatchClassifier.Open(Zoo);
        using var after = PatchClassifier.Open(model, workers: 2);
        Assert.Equal(model.Notes.Batch, after.Batch);
        Assert.Equal(before.Batch, after.Batch);
        var pictures = PatchSelfTest.Pictures(before.InputWidth, before.InputHeight);
        float[] one = new float[pictures.Count * classes], other = new float[pictures.Count * classes];
        before.Predict(pictures, one);
        after.Predict(pictures, other);
        Assert.Equal(one, other);
    }

    [Theory]
    [InlineData(true, "another version")]
    [InlineData(false, null)]
    public void Open_ABatchThatWasNotedForAnotherFileOrEngine_IsFoundAgain(bool sameFile, string? libtorch)
    {
        // A network that must get its pictures one by one, and a note that says otherwise.
        Write("mixes2", 2);
        var model = new PatchModelImport { Name = "x" }.Run(Zoo, Home);
        var noted = model.Notes.Batch!;
        var wrong = noted with { Size = 8, WeightsSha256 = sameFile ? noted.WeightsSha256 : new string('0', 64), Libtorch = libtorch ?? noted.Libtorch };
        File.WriteAllText(Path.Combine(model.Folder.Location, PatchModelNotes.FileName), (model.Notes with { Batch = wrong }).ToJson());
        using var classifier = PatchClassifier.Open(model.Folder.Location);
        Assert.Equal(noted, classifier.Batch);
    }

    [Fact]
    public void Run_ANameThatIsTaken_IsRefused_UnlessForced()
    {
        Write("mean2", 2);
        new PatchModelImport { Name = "x", Threshold = 0.1 }.Run(Zoo, Home);
        Assert.Contains("--force", Assert.Throws<ModelException>(() => new PatchModelImport { Name = "x" }.Run(Zoo, Home)).Message, StringComparison.Ordinal);
        Assert.Equal(0.1, PatchModel.Find(Path.Combine(Home, "x")).Threshold);

        Assert.Equal(0.9, new PatchModelImport { Name = "x", Threshold = 0.9, Force = true }.Run(Zoo, Home).Threshold);
        Assert.Single(Directory.GetFileSystemEntries(Home));
    }

    [Theory]
    [InlineData("..")]
    [InlineData("../escape")]
    [InlineData("/tmp/escape")]
    [InlineData(".hidden")]
    [InlineData("")]
    [InlineData("a b")]
    public void Run_ANameThatIsAPath_IsRefused(string name)
    {
        Write("mean2", 2);
        Assert.Throws<UsageException>(() => new PatchModelImport { Name = name }.Run(Zoo, Home));
        Assert.False(Directory.Exists(Home));
    }

    [Theory]
    [InlineData("othersize2")]
    [InlineData("nan2")]
    [InlineData("random2")]
    public void Run_AModelThatCannotBeUsed_LeavesNothing(string script)
    {
        Write(script, 2);
        Assert.Contains(Zoo, Assert.Throws<ModelException>(() => new PatchModelImport().Run(Zoo, Home)).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Home));
    }

    [Fact]
    public void Run_WithoutAConfig_SaysWhatAFolderHolds() =>
        Assert.Contains("config.json", Assert.Throws<ModelException>(() => new PatchModelImport().Run(folder, Home)).Message, StringComparison.Ordinal);

    private void Write(string script, int classes)
    {
        Directory.CreateDirectory(Zoo);
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Models", "Patches", "Fixtures", script + ".pt"), Path.Combine(Zoo, PatchModel.ScriptName));
        File.WriteAllText(Path.Combine(Zoo, "config.json"), new PatchModelConfig
        {
            Architecture = "tiny",
            PatchSizePixels = 350,
            SpacingUmPx = 0.25,
            ClassNames = [.. Enumerable.Range(0, classes).Select(static i => $"C{i}")],
            Transform = new PatchTransform { Side = 32 },
        }.ToJson());
    }
}
