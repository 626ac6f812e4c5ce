namespace Microtome.Cohorts;

/// <summary>What becomes of nuclei that the border of a patch cuts, in the measures of objects.</summary>
public enum PatchBorderRule
{
    /// <summary>
    /// True nuclei that touch the border are left out, with the predictions that lie on them by more than half, and predictions that touch the border and meet no other true nucleus.
    /// </summary>
    Ignore,

    /// <summary>All count; both sides are cut alike.</summary>
    Keep,
}
