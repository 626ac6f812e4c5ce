namespace Microtome.Pathology;

/// <summary>Pixels of each class of a combined map.</summary>
/// <param name="None">No tissue.</param>
/// <param name="TumorAndTil">Tumor with lymphocytes.</param>
/// <param name="Til">Lymphocytes outside of tumor.</param>
/// <param name="Tumor">Tumor without lymphocytes.</param>
/// <param name="Tissue">Neither.</param>
public sealed record CombinedMapCounts(long None, long TumorAndTil, long Til, long Tumor, long Tissue)
{
    /// <summary>Share of the tumor that holds lymphocytes, 0 to 1; null without tumor.</summary>
    public double? InfiltratedShare => TumorAndTil + Tumor > 0 ? (double)TumorAndTil / (TumorAndTil + Tumor) : null;

    /// <summary>Share of the tissue that holds lymphocytes, 0 to 1; null without tissue.</summary>
    public double? TilShare => All > 0 ? (double)(TumorAndTil + Til) / All : null;

    /// <summary>Share of the tissue that is tumor, 0 to 1; null without tissue.</summary>
    public double? TumorShare => All > 0 ? (double)(TumorAndTil + Tumor) / All : null;

    /// <summary>Pixels of tissue of any class.</summary>
    public long All => TumorAndTil + Til + Tumor + Tissue;
}
