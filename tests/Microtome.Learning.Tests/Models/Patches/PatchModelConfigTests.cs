using System.Text.Json.Nodes;
using Microtome.Learning.Models;

namespace Microtome.Learning.Tests.Models;

public sealed class PatchModelConfigTests
{
    // The fields of the zoo's breast-tumor-resnet34.tcga-brca.
    private const string Breast = """
        {"spec_version": "1.0", "architecture": "resnet34", "num_classes": 2, "patch_size_pixels": 350, "spacing_um_px": 0.25,
         "class_names": ["Other", "Tumor"],
         "transform": [{"name": "Resize", "arguments": {"size": 224}}, {"name": "ToTensor"},
          {"name": "Normalize", "arguments": {"mean": [0.7238, 0.5716, 0.6779], "std": [0.1120, 0.1459, 0.1089]}}]}
        """;

    [Fact]
    public void Parse_TheZoosBreastModel_HasItsFields()
    {
        var config = PatchModelConfig.Parse(Breast, "config.json");

        Assert.Equal("resnet34", config.Architecture);
        Assert.Equal(["Other", "Tumor"], config.ClassNames);
        Assert.Equal((350, 0.25, 87.5), (config.PatchSizePixels, config.SpacingUmPx, config.PatchUm));
        Assert.Equal((224, 224), config.InputSize);
        Assert.Equal([0.7238, 0.5716, 0.6779], config.Transform.Mean);
        Assert.Equal([0.1120, 0.1459, 0.1089], config.Transform.Std);
    }

    [Theory]
    [InlineData(0.25, 350)]
    [InlineData(0.5, 175)]
    [InlineData(0.2325, 376)] // 376.34
    [InlineData(0.2, 438)] // 437.5: Python rounds half to even, and so the zoo
    [InlineData(1, 88)] // 87.5
    public void ReadSide_OfASlide_IsTheZoosRound(double mpp, int side) => Assert.Equal(side, PatchModelConfig.Parse(Breast, "config.json").ReadSide(mpp));

    [Theory]
    [InlineData(1e-9)]
    [InlineData(1e9)]
    [InlineData(double.NaN)]
    public void ReadSide_OfAnAbsurdSpacing_IsRefused(double mpp) => Assert.Throws<ModelException>(() => PatchModelConfig.Parse(Breast, "config.json").ReadSide(mpp));

    [Theory]
    [InlineData("""[{"name":"Resize","arguments":{"size":224}},{"name":"ToTensor"}]""", 224, 224)]
    [InlineData("""[{"name":"Resize","arguments":{"size":[200]}},{"name":"ToTensor","arguments":{}}]""", 200, 200)]
    [InlineData("""[{"name":"Resize","arguments":{"size":[100,300]}},{"name":"ToTensor"}]""", 300, 100)]
    [InlineData("""[{"name":"ToTensor"}]""", 350, 350)]
    public void Parse_OtherTransforms_GiveTheInputSize_AndRoundTrip(string transform, int width, int height)
    {
        var config = PatchModelConfig.Parse(With("transform", transform), "config.json");

        Assert.Equal((width, height), config.InputSize);
        Assert.Equal(config.ToJson(), PatchModelConfig.Parse(config.ToJson(), "config.json").ToJson());
        Assert.Equal(JsonNode.Parse(transform)!.AsArray().Count, JsonNode.Parse(config.ToJson())!["transform"]!.AsArray().Count);
    }

    [Theory]
    [InlineData(100, 50, 448, 224)]
    [InlineData(50, 100, 224, 448)]
    [InlineData(350, 333, 235, 224)] // 224 * 350 / 333 = 235.4, cut off
    public void Resized_OfOneNumber_BringsTheShorterSideToIt(int width, int height, int expectedWidth, int expectedHeight) =>
        Assert.Equal((expectedWidth, expectedHeight), new PatchTransform { Side = 224 }.Resized(width, height));

    [Fact]
    public void ToJson_OfWhatParseRead_IsTheSameConfig()
    {
        var written = PatchModelConfig.Parse(Breast, "config.json").ToJson();

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Breast), JsonNode.Parse(written)), written);
    }

    [Fact]
    public void Parse_UnknownFieldsAtTheTop_AreTolerated_AsTheZoosSchemaDoes() =>
        Assert.Equal(2, PatchModelConfig.Parse(With("huggingface_location", "\"/etc/passwd\""), "config.json").ClassNames.Count);

    [Theory]
    [InlineData("spec_version", "\"1.1\"", "spec_version: \"1.1\"")]
    [InlineData("spec_version", "1.0", "spec_version: 1.0")]
    [InlineData("architecture", "7", "architecture: 7")]
    [InlineData("architecture", "\"\"", "architecture: \"\"")]
    [InlineData("num_classes", "3", "class_names: [")]
    [InlineData("num_classes", "0", "num_classes: 0")]
    [InlineData("num_classes", "2.0", "num_classes: 2.0")]
    [InlineData("num_classes", "1000000000000", "num_classes: 1000000000000")]
    [InlineData("num_classes", "true", "num_classes: true")]
    [InlineData("patch_size_pixels", "0", "patch_size_pixels: 0")]
    [InlineData("patch_size_pixels", "-350", "patch_size_pixels: -350")]
    [InlineData("patch_size_pixels", "2000000000", "patch_size_pixels: 2000000000")]
    [InlineData("patch_size_pixels", "\"350\"", "patch_size_pixels: \"350\"")]
    [InlineData("spacing_um_px", "0", "spacing_um_px: 0")]
    [InlineData("spacing_um_px", "1e999", "spacing_um_px: 1e999")]
    [InlineData("spacing_um_px", "null", "spacing_um_px: null")]
    [InlineData("class_names", "[\"A\",\"A\"]", "class_names[1]: \"A\"")]
    [InlineData("class_names", "[\"A\",\"B,C\"]", "class_names[1]: \"B,C\"")]
    [InlineData("class_names", "[\"A\",\"B\\nC\"]", "class_names[1]: \"B\\nC\"")]
    [InlineData("class_names", "[\"A\",\"B\\\"\"]", "class_names[1]")]
    [InlineData("class_names", "[\"A\",\"\\ud800\"]", "class_names[1]")]
    [InlineData("class_names", "[\"A\",2]", "class_names[1]: 2")]
    [InlineData("class_names", "[\"A\",\" \"]", "class_names[1]: \" \"")]
    [InlineData("class_names", "\"AB\"", "class_names: \"AB\"")]
    [InlineData("transform", "[]", "transform: []")]
    [InlineData("transform", "{}", "transform: {}")]
    [InlineData("transform", "[3]", "transform[0]: 3")]
    [InlineData("transform", """[{"name":"ToTensor"},{"name":"CenterCrop"}]""", "transform[1].name: \"CenterCrop\"")]
    [InlineData("transform", """[{"name":"ToTensor"},{"name":"Resize","arguments":{"size":224}}]""", "transform[1].name: \"Resize\"")]
    [InlineData("transform", """[{"name":"Normalize","arguments":{"mean":[0,0,0],"std":[1,1,1]}},{"name":"ToTensor"}]""", "transform[0].name: \"Normalize\"")]
    [InlineData("transform", """[{"name":"ToTensor"},{"name":"ToTensor"}]""", "transform[1].name: \"ToTensor\"")]
    [InlineData("transform", """[{"name":"Resize","arguments":{"size":224}}]""", "transform: [{")]
    [InlineData("transform", """[{"name":"ToTensor","path":"/etc/passwd"}]""", "transform[0].path")]
    [InlineData("transform", """[{"arguments":{}}]""", "transform[0].name is missing")]
    [InlineData("transform", """[{"name":"Resize"},{"name":"ToTensor"}]""", "transform[0].arguments.size is missing")]
    [InlineData("transform", """[{"name":"Resize","arguments":{"size":0}},{"name":"ToTensor"}]""", "transform[0].arguments.size: 0")]
    [InlineData("transform", """[{"name":"Resize","arguments":{"size":100000}},{"name":"ToTensor"}]""", "transform[0].arguments.size: 100000")]
    [InlineData("transform", """[{"name":"Resize","arguments":{"size":[1,2,3]}},{"name":"ToTensor"}]""", "transform[0].arguments.size: [1,2,3]")]
    [InlineData("transform", """[{"name":"Resize","arguments":{"size":[224,-1]}},{"name":"ToTensor"}]""", "transform[0].arguments.size[1]: -1")]
    [InlineData("transform", """[{"name":"Resize","arguments":{"size":224,"max_size":300}},{"name":"ToTensor"}]""", "transform[0].arguments.max_size: 300")]
    [InlineData("transform", """[{"name":"Resize","arguments":{"size":224,"antialias":false}},{"name":"ToTensor"}]""", "transform[0].arguments.antialias: false")]
    [InlineData("transform", """[{"name":"ToTensor","arguments":{"scale":1}}]""", "transform[0].arguments.scale: 1")]
    [InlineData("transform", """[{"name":"ToTensor","arguments":[]}]""", "transform[0].arguments: []")]
    [InlineData("transform", """[{"name":"ToTensor"},{"name":"Normalize","arguments":{"std":[1,1,1]}}]""", "transform[1].arguments.mean is missing")]
    [InlineData("transform", """[{"name":"ToTensor"},{"name":"Normalize","arguments":{"mean":[0.5],"std":[1,1,1]}}]""", "transform[1].arguments.mean: [0.5]")]
    [InlineData("transform", """[{"name":"ToTensor"},{"name":"Normalize","arguments":{"mean":[0,0,0],"std":[1,0,1]}}]""", "transform[1].arguments.std[1]: 0")]
    [InlineData("transform", """[{"name":"ToTensor"},{"name":"Normalize","arguments":{"mean":[0,"x",0],"std":[1,1,1]}}]""", "transform[1].arguments.mean[1]: \"x\"")]
    public void Parse_AWrongField_NamesItAndItsValue(string field, string value, string message) => Refused(With(field, value), message);

    [Theory]
    [InlineData("spec_version")]
    [InlineData("architecture")]
    [InlineData("num_classes")]
    [InlineData("patch_size_pixels")]
    [InlineData("spacing_um_px")]
    [InlineData("class_names")]
    [InlineData("transform")]
    public void Parse_AMissingField_NamesIt(string field)
    {
        var config = JsonNode.Parse(Breast)!.AsObject();
        config.Remove(field);
        Refused(config.ToJsonString(), field + " is missing");
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{\"spacing_um_px\": NaN}")]
    [InlineData("{\"spec_version\": \"1.0\", \"spec_version\": \"1.0\"}")]
    public void Parse_NotJson_SaysSo(string text) => Refused(text, "not JSON");

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("3")]
    public void Parse_NotAnObject_SaysSo(string text) => Refused(text, "the file: " + text);

    [Fact]
    public void Parse_ArraysNestedWithoutEnd_IsRefused() => Refused(string.Concat(Enumerable.Repeat("[", 100_000)), "not JSON");

    private static void Refused(string json, string message)
    {
        var exception = Assert.Throws<ModelException>(() => PatchModelConfig.Parse(json, "folder/config.json"));
        Assert.StartsWith("folder/config.json: ", exception.Message, StringComparison.Ordinal);
        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', exception.Message);
    }

    // The value goes in as text, so that 2.0 stays 2.0 and 1e999 can be said at all.
    private static string With(string field, string value)
    {
        var config = JsonNode.Parse(Breast)!.AsObject();
        config[field] = "HERE";
        return config.ToJsonString().Replace("\"HERE\"", value, StringComparison.Ordinal);
    }
}
