using Microtome.Learning.Supervision.Thresholds;

namespace Microtome.Learning.Supervision.Judgements;

/// <summary>A patch that nobody judged, with what the network said of it before: training holds it there.</summary>
/// <param name="Patch">The patch; its label counts for nothing.</param>
/// <param name="Probability">Of the positive class, 0..1.</param>
public sealed record AnchorPatch(SuperPatch Patch, double Probability);
