namespace Microtome.Networks;

/// <summary>What a text model gives for each token.</summary>
public enum TextOutput
{
    /// <summary>The next token: a linear layer over the vocabulary.</summary>
    NextToken,

    /// <summary>The token that was masked: BERT's dense layer, GELU and norm before the vocabulary.</summary>
    MaskedToken,
}
