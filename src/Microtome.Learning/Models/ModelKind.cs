namespace Microtome.Learning.Models;

/// <summary>What a model folder holds.</summary>
public enum ModelKind
{
    /// <summary>A network that marks nuclei; config.json in our own layout.</summary>
    Nuclei,

    /// <summary>A classifier of patches; config.json in the WSInfer zoo's schema.</summary>
    Patches,
}
