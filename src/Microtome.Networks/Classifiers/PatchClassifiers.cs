using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Networks;

/// <summary>The networks that classify patches, by the names that WSInfer's model zoo uses.</summary>
public static class PatchClassifiers
{
    // One line a network: its name and how it is made for a number of classes.
    private static readonly OrderedDictionary<string, Func<int, Module<Tensor, Tensor>>> Makers = new(StringComparer.Ordinal)
    {
        ["patchnet"] = classes => new PatchNet(classes),
        ["resnet18"] = classes => new ResNet(ResNetOptions.ResNet18 with { Classes = classes }),
        ["resnet34"] = classes => new ResNet(ResNetOptions.ResNet34 with { Classes = classes }),
        ["resnet50"] = classes => new ResNet(ResNetOptions.ResNet50 with { Classes = classes }),
        ["preactresnet34"] = classes => new PreActResNet(classes),
        ["vgg16"] = classes => new Vgg16(Vgg16Options.Original with { Classes = classes }),
        ["vgg16mod"] = classes => new Vgg16(Vgg16Options.Modified with { Classes = classes }),
        ["inception_v4"] = classes => new InceptionV4(new InceptionV4Options { Classes = classes }),
        ["inception_v4nobn"] = classes => new InceptionV4(new InceptionV4Options { BatchNorm = false, Classes = classes }),
    };

    /// <summary>The names of the networks.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Makers.Keys];

    /// <summary>
    /// Makes a network with fresh weights from the current seed: [N, 3, H, W] to raw logits [N, classes]. Those that are <see cref="IFoldable"/> can be
    /// folded for inference once their weights are loaded.
    /// </summary>
    /// <exception cref="ArgumentException">No network has this name, or there are no classes.</exception>
    public static Module<Tensor, Tensor> Create(string architecture, int classes) => Makers.TryGetValue(architecture, out var make)
        ? make(PatchShape.CheckClasses(classes))
        : throw new ArgumentException($"No network that classifies patches is called '{architecture}'. The known ones: {string.Join(", ", Names)}.");
}
