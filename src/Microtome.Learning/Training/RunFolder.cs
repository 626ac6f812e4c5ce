namespace Microtome.Learning.Training;

/// <summary>A training run in a folder.</summary>
/// <param name="Folder">Where it lies.</param>
/// <param name="Name">The folder's name.</param>
/// <param name="Group">The names of the folders between, from the one that was named on; the parent's name where the run itself was named.</param>
public sealed record RunFolder(string Folder, string Name, string Group)
{
    /// <summary>The file of its numbers.</summary>
    public string Metrics => Path.Combine(Folder, TrainingMetrics.FileName);
}
