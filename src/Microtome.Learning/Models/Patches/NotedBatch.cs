namespace Microtome.Learning.Models;

/// <summary>
/// How many pictures go through a network at once such that its answer to one has the same bits whatever stands beside it. It was found by trying, for one file and one engine; with
/// another of either it is found again.
/// </summary>
/// <param name="Size">Pictures at once.</param>
/// <param name="WeightsSha256">Hash of the file with the network.</param>
/// <param name="Libtorch">The engine's version.</param>
public sealed record NotedBatch(int Size, string WeightsSha256, string Libtorch)
{
    /// <summary>The largest size that is believed.</summary>
    public const int Most = 64;
}
