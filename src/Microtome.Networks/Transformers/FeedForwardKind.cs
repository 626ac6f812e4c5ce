namespace Microtome.Networks;

/// <summary>The hidden units of the feed-forward part.</summary>
public enum FeedForwardKind
{
    /// <summary>gelu(x A) B, with the error function.</summary>
    Gelu,

    /// <summary>gelu(x A) B, with the tanh form.</summary>
    GeluTanh,

    /// <summary>relu(x A) B.</summary>
    Relu,

    /// <summary>(gelu(x A) * x C) B with the tanh form (arXiv 2002.05202).</summary>
    GeGlu,

    /// <summary>(silu(x A) * x C) B (arXiv 2002.05202).</summary>
    SwiGlu,

    /// <summary>(relu(x A) * x C) B (arXiv 2002.05202): zeros without a choice of how many.</summary>
    ReGlu,

    /// <summary>(gelu(top_k(x A)) * x C) B with the statistical top-k, without a predictor of its own: the arm that Spark is compared with.</summary>
    TopKGeGlu,

    /// <summary>The gate sees the first <see cref="SparkOptions.PredictorWidth"/> inputs, the values the others, and about <see cref="SparkOptions.ActiveUnits"/> units are active (arXiv 2506.06644, 3).</summary>
    Spark,
}
