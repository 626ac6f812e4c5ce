namespace Microtome.Learning.Training;

/// <summary>A change of the learning rate.</summary>
/// <param name="FromStep">The first step that has it.</param>
/// <param name="Factor">The rate as a share of the highest.</param>
public sealed record RateStair(long FromStep, double Factor);
