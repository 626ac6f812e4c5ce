namespace Microtome.Pathology;

/// <summary>How Cox regression treats events at the same time.</summary>
public enum TieHandling
{
    /// <summary>Efron 1977: close to the exact likelihood; the default.</summary>
    Efron,

    /// <summary>Breslow 1974: simpler, biased towards zero with many ties.</summary>
    Breslow,
}
