namespace Microtome.Language;

/// <summary>What a text model learns to do.</summary>
public enum ObjectiveKind
{
    /// <summary>To find masked tokens (BERT).</summary>
    Masked,

    /// <summary>To say the next token.</summary>
    Causal,

    /// <summary>To fill cut-out spans, in one stream (T5's task for a decoder).</summary>
    Span,
}
