namespace Microtome.Cohorts;

/// <summary>A number of a slide's summary that the report compares between types.</summary>
/// <param name="Key">Its key in <c>summary.json</c>.</param>
/// <param name="Title">What it is.</param>
/// <param name="Unit">Its unit; empty for shares.</param>
internal sealed record CohortNumber(string Key, string Title, string Unit)
{
    public static readonly IReadOnlyList<CohortNumber> All =
    [
        new("nuclei_per_mm2", "Nuclei per mm² of tissue", "per mm²"),
        new("area_um2_median", "Median area of a nucleus", "µm²"),
        new("haematoxylin_mean_od_median", "Haematoxylin of a nucleus", "OD"),
        new("til_fraction", "Lymphocyte patches of all", string.Empty),
        new("tumor_fraction", "Tumor patches of all", string.Empty),
        new("til_fraction_in_tumor", "Lymphocyte share of the tumor", string.Empty),
        new("tissue_area_mm2", "Tissue", "mm²"),
    ];
}
