namespace Microtome.Pathology;

/// <summary>The codes of the blue channel of the published combined maps.</summary>
public enum CombinedMapClass
{
    /// <summary>No tissue.</summary>
    None = 0,

    /// <summary>Tumor with lymphocytes.</summary>
    TumorAndTil = 252,

    /// <summary>Lymphocytes outside of tumor.</summary>
    Til = 253,

    /// <summary>Tumor without lymphocytes.</summary>
    Tumor = 254,

    /// <summary>Neither.</summary>
    Tissue = 255,
}
