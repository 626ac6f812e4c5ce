namespace Microtome.Networks;

/// <summary>When layers that are trained as one become layers of their own (arXiv 2110.03848).</summary>
public enum SharingKind
{
    /// <summary>They are never one.</summary>
    Never,

    /// <summary>At a fixed step (SWE-F).</summary>
    Fixed,

    /// <summary>All at once, when more than half of the neighbours' gradients have ceased to agree (SWE-A).</summary>
    Adaptive,

    /// <summary>Group by group, between neighbours whose gradients have ceased to agree (SWE-M).</summary>
    MultiStep,

    /// <summary>They stay one to the end, as in ALBERT.</summary>
    Always,
}
