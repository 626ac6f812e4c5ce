namespace Microtome.Pathology;

/// <summary>What a map says of a place. Tissue filters differ between programs: a patch that one map lacks is unknown, not negative.</summary>
public enum PatchState
{
    /// <summary>No patch lies there.</summary>
    Unknown,

    /// <summary>Below the cut.</summary>
    Negative,

    /// <summary>At or above the cut.</summary>
    Positive,
}
