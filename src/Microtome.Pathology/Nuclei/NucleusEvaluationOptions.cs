namespace Microtome.Pathology;

/// <summary>How a nucleus model is scored on labelled pictures.</summary>
public sealed record NucleusEvaluationOptions
{
    /// <summary>Mirrored and turned copies whose predictions are averaged: 1, 2, 4 or 8.</summary>
    public int Flips { get; init; } = 1;

    /// <summary>Factor by which pictures are reduced before they are scored as a 20x slide would be (2), or 1.</summary>
    public int Reduce { get; init; } = 1;

    /// <summary>The arithmetic of the network.</summary>
    public NetworkPrecision Precision { get; init; }

    /// <summary>Post-processing other than the model's own.</summary>
    public NucleusPostprocessingOptions? Postprocessing { get; init; }
}
