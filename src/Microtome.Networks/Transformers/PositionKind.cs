namespace Microtome.Networks;

/// <summary>How a transformer knows the order of its tokens.</summary>
public enum PositionKind
{
    /// <summary>A learnt vector a place, added to the token's.</summary>
    Learned,

    /// <summary>Queries and keys turned by angles that grow with the place (arXiv 2104.09864), in halves as Llama does.</summary>
    Rotary,

    /// <summary>A learnt number a head and bucket of distance, added to the scores; one table for all layers (arXiv 1910.10683, 2.1).</summary>
    T5Relative,

    /// <summary>None: the tokens are a set.</summary>
    None,
}
