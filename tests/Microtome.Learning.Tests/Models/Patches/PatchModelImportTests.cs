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
