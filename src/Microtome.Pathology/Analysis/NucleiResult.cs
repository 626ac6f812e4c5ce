namespace Microtome.Pathology;

/// <summary>Where the nuclei of a slide lie.</summary>
/// <param name="GeoPackage">The file.</param>
/// <param name="Sha256">Its hash.</param>
internal sealed record NucleiResult(string GeoPackage, string Sha256);
