namespace Microtome.Networks;

/// <summary>Where the layers normalise.</summary>
public enum NormPlacement
{
    /// <summary>Before attention and feed-forward, and once after the last layer (arXiv 2002.04745).</summary>
    Pre,

    /// <summary>After each residual sum, as in the first transformer and in BERT (arXiv 1706.03762).</summary>
    Post,

    /// <summary>Before and after each part, inside the residual, as in Gemma 2.</summary>
    Sandwich,
}
