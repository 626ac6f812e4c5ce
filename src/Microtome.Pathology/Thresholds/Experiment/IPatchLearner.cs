namespace Microtome.Pathology;

/// <summary>Learns to tell positive from negative patches.</summary>
/// <typeparam name="T">What it sees of a patch.</typeparam>
internal interface IPatchLearner<T>
{
    /// <summary>Learns; the answer gives log-odds of patches.</summary>
    Func<IReadOnlyList<T>, double[]> Train(IReadOnlyList<T> patches, IReadOnlyList<int> labels, int seed);
}
