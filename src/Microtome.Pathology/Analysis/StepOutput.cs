namespace Microtome.Pathology;

/// <summary>A file that a step wrote.</summary>
/// <param name="Name">Its name in the folder of results.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">Its hash, lower-case hexadecimal.</param>
public sealed record StepOutput(string Name, long Bytes, string Sha256);
