namespace Microtome.Cli;

/// <summary>How an experiment is wanted.</summary>
/// <param name="Quick">Fewer images or steps.</param>
/// <param name="Seed">Of everything random.</param>
/// <param name="Folder">Where its results go; long ones keep what is done there, so that the same command goes on after a stop.</param>
internal sealed record ExperimentRequest(bool Quick, int Seed, string Folder);
