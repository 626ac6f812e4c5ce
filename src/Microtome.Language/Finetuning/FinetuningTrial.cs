namespace Microtome.Language;

/// <summary>What one learning rate gave.</summary>
/// <param name="LearningRate">The peak.</param>
/// <param name="Loss">Mean loss of the last epoch.</param>
/// <param name="Measures">On the validation examples; the first is the one that counts.</param>
public sealed record FinetuningTrial(double LearningRate, double Loss, IReadOnlyDictionary<string, double> Measures);
