namespace Microtome.Pathology;

/// <summary>
/// How much of the tumor of one slide lymphocytes infiltrate. The counts are of fine cells, as published: a tumor patch is num x num of them, a lymphocyte patch den x den
/// (49 and 16 for 87.5 and 50 um), so they are no counts of patches.
/// </summary>
public sealed record TilStatistics
{
    /// <summary>Fine cells of tumor (<c>n_Canc_patch</c>).</summary>
    public required double TumorCells { get; init; }

    /// <summary>Fine cells of lymphocytes (<c>n_TIL_patch</c>).</summary>
    public required double TilCells { get; init; }

    /// <summary>Fine cells of both (<c>n_TIL_patch_overlap</c>). A whole number unless the grids are shifted by parts of a cell.</summary>
    public required double OverlapCells { get; init; }

    /// <summary>Fine cells of tumor where the lymphocyte map has no patch: unknown, counted as negative by the published figure.</summary>
    public required double UnknownCells { get; init; }

    /// <summary>Ratio of the patch sides as the files state them (<c>patchRatio</c>).</summary>
    public required double PatchRatio { get; init; }

    /// <summary>Numerator of the ratio: fine cells along a tumor patch.</summary>
    public required int Numerator { get; init; }

    /// <summary>Denominator of the ratio: fine cells along a lymphocyte patch.</summary>
    public required int Denominator { get; init; }

    /// <summary>Tumor patches at or above the cut.</summary>
    public required int TumorPatches { get; init; }

    /// <summary>Lymphocyte patches at or above the cut.</summary>
    public required int TilPatches { get; init; }

    /// <summary>Share of the tumor that is infiltrated, 0 to 1 (<c>percent_pos</c>); null without tumor.</summary>
    public double? PercentPositive => TumorCells > 0 ? OverlapCells / TumorCells : null;

    /// <summary>Whether there is tumor, and none of it where the lymphocyte map has patches: two slides, or an origin that one file lacks.</summary>
    public bool Apart => TumorCells > 0 && PercentPositiveKnown is null;

    /// <summary>The same over the tumor whose lymphocytes are known; null where there is none.</summary>
    public double? PercentPositiveKnown => TumorCells - UnknownCells > 1e-9 * TumorCells ? OverlapCells / (TumorCells - UnknownCells) : null;
}
