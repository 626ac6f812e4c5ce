namespace Microtome.Language;

/// <summary>What a trial measured.</summary>
/// <param name="HeldOutLoss">Nats a predicted byte, at the end.</param>
/// <param name="HeldOutAccuracy">Part predicted exactly.</param>
/// <param name="SecondsPerStep">Time of a step of this run, with its looks at the held-out text.</param>
/// <param name="Parameters">Weights.</param>
/// <param name="Curve">Step and held-out loss.</param>
/// <param name="Cosines">Step and cosines of neighbouring layers' gradients.</param>
/// <param name="Active">By layer: part of the hidden units that are active, and units that never are.</param>
public sealed record TextTrialResult(double HeldOutLoss, double HeldOutAccuracy, double SecondsPerStep, long Parameters, List<double[]> Curve, List<double[]> Cosines, List<double[]> Active);
