namespace Microtome.Learning.Supervision.CellLabels;

/// <summary>How the cells in a patch decide its label: the number of centres of one kind.</summary>
/// <param name="Kind">The kind of cell that counts, from 1 on.</param>
/// <param name="Positive">Positive from this number of cells on.</param>
/// <param name="Negative">Negative up to this number; patches between the two are left out.</param>
public sealed record PatchRule(int Kind, int Positive, int Negative)
{
    /// <summary>Lymphocyte patches: two or more lymphocytes against fewer (til-thresholds, section 2).</summary>
    public static PatchRule Til { get; } = new(1, 2, 1);

    /// <summary>Tumor patches: three or more tumor cells against none.</summary>
    public static PatchRule Tumor { get; } = new(2, 3, 0);

    /// <summary>1, 0, or null when the count lies between.</summary>
    public int? LabelOf(int cells) => cells >= Positive ? 1 : cells <= Negative ? 0 : null;
}
