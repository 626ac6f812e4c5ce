namespace Microtome.Language;

/// <summary>What a checkpoint holds beside tensors.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Groups">Layers that hold their weights in common; null: sharing was never on.</param>
/// <param name="Schedule">The schedule's counts.</param>
/// <param name="UntiedAt">The step of the first cut.</param>
internal sealed record PretrainingState(long Step, IReadOnlyList<int[]>? Groups, string Schedule, long? UntiedAt);
