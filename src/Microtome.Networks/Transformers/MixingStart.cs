namespace Microtome.Networks;

/// <summary>What the mixes of talking heads begin with.</summary>
public enum MixingStart
{
    /// <summary>Normal with variance 1 / heads in, cut at two deviations, as the authors' own layer does.</summary>
    Random,

    /// <summary>The identity: multi-head attention at step 0. Heads in and out must be as many.</summary>
    Identity,
}
