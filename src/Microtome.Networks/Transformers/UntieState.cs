namespace Microtome.Networks;

/// <summary>What an optimiser's memory of shared weights becomes when they are untied.</summary>
public enum UntieState
{
    /// <summary>Every layer goes on with a copy.</summary>
    Copy,

    /// <summary>A copy whose second moment is scaled by what single layers' gradients measure against their mean (mean of |g_l|^2 over |mean g|^2).</summary>
    Rescale,

    /// <summary>It begins anew, and the learning rate with it: a short warm-up.</summary>
    Reset,
}
