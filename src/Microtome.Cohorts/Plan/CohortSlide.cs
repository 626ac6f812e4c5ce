namespace Microtome.Cohorts;

/// <summary>A slide of a cohort.</summary>
/// <param name="Name">Its name, unique in the cohort: that of its result folder.</param>
/// <param name="Path">The file.</param>
/// <param name="Mpp">Microns per level-0 pixel where the file does not say, or null.</param>
/// <param name="Patient">The patient; the slide's name where nobody said.</param>
/// <param name="Type">The cancer type or another stratum; empty where nobody said.</param>
public sealed record CohortSlide(string Name, string Path, double? Mpp, string Patient, string Type);
