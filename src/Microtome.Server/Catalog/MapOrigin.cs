namespace Microtome.Server;

/// <summary>What made a map of patches.</summary>
/// <param name="Threshold">A patch is positive from this probability on; null when it is not noted.</param>
/// <param name="Model">The name of the model; null when it is not noted.</param>
/// <param name="WeightsSha256">The hash of its weights; null when it is not noted.</param>
public sealed record MapOrigin(double? Threshold, string? Model, string? WeightsSha256);
