namespace Microtome.Pathology;

/// <summary>A slide within its cohort.</summary>
public enum TilClass
{
    /// <summary>At most the cohort's mean infiltration.</summary>
    Low,

    /// <summary>Above the cohort's mean infiltration.</summary>
    High,
}
