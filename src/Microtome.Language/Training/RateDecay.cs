namespace Microtome.Language;

/// <summary>How the learning rate falls after its warm-up.</summary>
public enum RateDecay
{
    /// <summary>In a straight line to zero at the last step, as BERT's.</summary>
    Linear,

    /// <summary>Along half a cosine to zero.</summary>
    Cosine,

    /// <summary>Not at all.</summary>
    Constant,
}
