namespace Microtome.Networks;

/// <summary>Which of the two mixes of talking-heads attention is there.</summary>
public enum HeadMixing
{
    /// <summary>Heads do not talk: multi-head attention.</summary>
    None,

    /// <summary>Before and after the softmax.</summary>
    Both,

    /// <summary>Before the softmax only.</summary>
    Logits,

    /// <summary>After the softmax only.</summary>
    Weights,
}
