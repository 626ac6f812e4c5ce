using Microtome.Learning.Models;

namespace Microtome.Learning.Tests.Models;

public sealed class PatchModelTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("microtome-patches").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Find_AFolderInTheZoosLayout_ReadsItWithoutNotes()
    {
        Write("Other", "Tumor");
        File.WriteAllText(Path.Combine(folder, "torchscript_model.pt"), "abc");

        var model = PatchModel.Find(folder);

        Assert.Equal(Path.GetFileName(folder), model.Name);
        Assert.True(model.IsScript);
        Assert.Equal((PatchActivation.Softmax, 1, 0.5), (model.Activation, model.PositiveClass, model.Threshold));
        Assert.Equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", model.WeightsHash); // FIPS 180-4's own example
    }

    [Fact]
    public void Find_ScriptAndWeights_TakesTheScript_AsWSInferDoes()
    {
        Write("Other", "Tumor");
        File.WriteAllText(Path.Combine(folder, "model.safetensors"), "abc");
        Assert.False(PatchModel.Find(folder).IsScript);
        File.WriteAllText(Path.Combine(folder, "torchscript_model.pt"), "abc");
        Assert.True(PatchModel.Find(folder).IsScript);
    }

    [Fact]
    public void Find_OnlyAPickle_SaysWhyItIsNotRead()
    {
        Write("Other", "Tumor");
        File.WriteAllText(Path.Combine(folder, "pytorch_model.bin"), "abc");
        Assert.Contains("pickle", Assert.Throws<ModelException>(() => PatchModel.Find(folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Notes_RoundTrip()
    {
        var notes = new PatchModelNotes
        {
            Name = "x",
            Task = "til",
            PositiveClass = "Lymphocytes",
            Threshold = 0.42,
            Activation = PatchActivation.Sigmoid,
            Warnings = ["weak"],
            SelfTest = new PatchSelfTest([0.1, 0.2, -3, 4]),
            Batch = new NotedBatch(16, "abc", "1.13.1"),
        };
        var path = Path.Combine(folder, PatchModelNotes.FileName);
        File.WriteAllText(path, notes.ToJson());

        Assert.Contains("\"activation\": \"sigmoid\"", notes.ToJson(), StringComparison.Ordinal);
        Assert.Equal(notes.ToJson(), PatchModelNotes.Read(path).ToJson());
    }

    [Theory]
    [InlineData("""{"task":"nuclei"}""", "task")]
    [InlineData("""{"threshold":1.5}""", "threshold")]
    [InlineData("""{"activation":"tanh"}""", "activation")]
    [InlineData("""{"activation":1}""", "activation")]
    [InlineData("""{"warnings":[null]}""", "warnings")]
    [InlineData("""{"self_test":{"values":[],"tolerance":0.001}}""", "self_test")]
    [InlineData("""{"self_test":{"values":[1,2,3,4],"tolerance":1e9}}""", "self_test")]
    [InlineData("""{"self_test":{"values":[1,2,3,4],"tolerance":0.001}}""", "self_test.values")]
    [InlineData("""{"batch":{"size":0,"weights_sha256":"a","libtorch":"1"}}""", "batch")]
    [InlineData("""{"batch":{"size":65,"weights_sha256":"a","libtorch":"1"}}""", "batch")]
    [InlineData("""{"batch":{"size":8}}""", "batch")]
    [InlineData("""{"positive_class":"Stroma"}""", "positive_class")]
    [InlineData("""{"path":"/etc/passwd"}""", "path")]
    [InlineData("null", "null")]
    public void Find_WrongNotes_NamesTheField(string notes, string field)
    {
        Write("Other", "Tumor");
        File.WriteAllText(Path.Combine(folder, "torchscript_model.pt"), "abc");
        File.WriteAllText(Path.Combine(folder, PatchModelNotes.FileName), notes);

        var message = Assert.Throws<ModelException>(() => PatchModel.Find(folder)).Message;
        Assert.Contains(PatchModelNotes.FileName, message, StringComparison.Ordinal);
        Assert.Contains(field, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_SoftmaxNotedForOneClass_IsRefused()
    {
        Write("Tumor");
        File.WriteAllText(Path.Combine(folder, "torchscript_model.pt"), "abc");
        Assert.Equal(PatchActivation.Sigmoid, PatchModel.Find(folder).Activation);

        File.WriteAllText(Path.Combine(folder, PatchModelNotes.FileName), """{"activation":"softmax"}""");
        Assert.Contains("softmax of one class", Assert.Throws<ModelException>(() => PatchModel.Find(folder)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", 1, "Other", "Tumor")]
    [InlineData("{}", 0, "Tumor")]
    [InlineData("""{"positive_class":"Other"}""", 0, "Other", "Tumor")]
    [InlineData("""{"task":"tumor"}""", 2, "Stroma", "Benign", "Tumor_cells")]
    [InlineData("""{"task":"til"}""", null, "Stroma", "Benign", "Tumor_cells")]
    [InlineData("""{"task":"tumor"}""", null, "Tumor1", "Tumor2", "Benign")]
    public void PositiveClass_IsTheNotedOne_OrTheOneThatIsMeant(string notes, int? expected, params string[] classes)
    {
        Write(classes);
        File.WriteAllText(Path.Combine(folder, "torchscript_model.pt"), "abc");
        File.WriteAllText(Path.Combine(folder, PatchModelNotes.FileName), notes);
        Assert.Equal(expected, PatchModel.Find(folder).PositiveClass);
    }

    [Fact]
    public void ModelConfig_OfAPatchModel_SaysThatItIsOne()
    {
        Write("Other", "Tumor");
        Assert.Equal(ModelKind.Patches, new ModelFolder(folder).Kind);
        Assert.Contains("classifier of patches", Assert.Throws<ModelException>(() => ModelConfig.Read(Path.Combine(folder, "config.json"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void PatchModel_OfTheNucleusModel_SaysThatItIsOne()
    {
        File.WriteAllText(Path.Combine(folder, "config.json"), """{"spec": "microtome 1"}""");
        Assert.Contains("nucleus model", Assert.Throws<ModelException>(() => PatchModel.Find(folder)).Message, StringComparison.Ordinal);
    }

    private void Write(params string[] classes) =>
        File.WriteAllText(Path.Combine(folder, "config.json"), new PatchModelConfig
        {
            Architecture = "tiny",
            PatchSizePixels = 100,
            SpacingUmPx = 0.5,
            ClassNames = classes,
            Transform = new PatchTransform { Side = 32 },
        }.ToJson());
}
