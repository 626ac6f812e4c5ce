namespace Microtome.Networks;

/// <summary>Sizes of Spark feed-forward and Spark attention (arXiv 2506.06644).</summary>
public sealed record SparkOptions
{
    /// <summary>Inputs that the predictor of the feed-forward part sees, r; 0: half of the width.</summary>
    public int PredictorWidth { get; init; }

    /// <summary>Hidden units that shall be active for a token, k; 0: 8 % of them.</summary>
    public int ActiveUnits { get; init; }

    /// <summary>Width of a head's part that chooses the keys, r_a; 0: no Spark attention.</summary>
    public int AttentionPredictorWidth { get; init; }

    /// <summary>Most keys that a query attends to, k_a.</summary>
    public int AttendedKeys { get; init; }

    /// <summary>Width of the smooth bend of the threshold in the feed-forward part (Huber); 0: the kink of the soft threshold.</summary>
    public double Smoothing { get; init; }
}
