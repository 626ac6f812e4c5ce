using Microtome.Learning.Models;
using Microtome.Networks;
using Microtome.Pathology;
using Microtome.Torch;

namespace Microtome.Cli;

/// <summary>A patch classifier with random weights for a measurement: as a network of ours and, where PyTorch is there to write it, as TorchScript of the same weights.</summary>
internal sealed class ClassifierSample
{
    private ClassifierSample(string? script, string ours) => (ScriptFolder, Folder) = (script, ours);

    /// <summary>The networks that both sides can build.</summary>
    public static IReadOnlyList<string> Architectures { get; } = ["patchnet", "resnet34", "vgg16", "vgg16mod", "inception_v4", "inception_v4nobn"];

    /// <summary>The folder with config.json and torchscript_model.pt; null without PyTorch.</summary>
    public string? ScriptFolder { get; }

    /// <summary>The folder with config.json and model.safetensors.</summary>
    public string Folder { get; }

    /// <summary>What a network was published for: tumor for ResNet-34, lymphocytes for the others.</summary>
    public static PatchTask TaskOf(string architecture) => architecture == "resnet34" ? PatchTask.Tumor : PatchTask.Til;

    /// <summary>Makes one.</summary>
    /// <param name="architecture">One of <see cref="Architectures"/>.</param>
    /// <param name="folder">An empty folder for its files.</param>
    /// <param name="seed">Of its weights.</param>
    /// <param name="maker">make_torchscript.py, or null.</param>
    /// <param name="slide">A slide.</param>
    /// <param name="patches">A table of its patches; PyTorch scales the weights so that they get different probabilities.</param>
    public static ClassifierSample Make(string architecture, string folder, int seed, PeerProgram? maker, string slide, string patches)
    {
        if (maker is not null)
        {
            maker.RunLine(architecture, folder, seed.ToString(System.Globalization.CultureInfo.InvariantCulture), string.Empty, slide, patches);
            return new ClassifierSample(folder, Path.Combine(folder, "safetensors"));
        }

        torch.manual_seed(seed);
        using var network = PatchClassifiers.Create(architecture, 2);
        network.save(Path.Combine(folder, PatchModel.WeightsName));
        File.WriteAllText(Path.Combine(folder, "config.json"), TaskOf(architecture).Config(architecture).ToJson());
        return new ClassifierSample(null, folder);
    }
}
