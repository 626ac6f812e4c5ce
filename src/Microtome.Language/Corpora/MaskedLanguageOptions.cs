namespace Microtome.Language;

/// <summary>BERT's task with its published defaults.</summary>
public sealed record MaskedLanguageOptions
{
    /// <summary>Tokens of a sequence, those that are added counted.</summary>
    public required int Length { get; init; }

    /// <summary>The share of the tokens that is to be found. Default: 0.15.</summary>
    public double Share { get; init; } = 0.15;

    /// <summary>The share of those that is hidden by the mask. Default: 0.8.</summary>
    public double MaskShare { get; init; } = 0.8;

    /// <summary>The share of those that is replaced by a random token; the rest stays as it is. Default: 0.1.</summary>
    public double RandomShare { get; init; } = 0.1;

    /// <summary>Words are chosen as wholes. Default: false.</summary>
    public bool WholeWords { get; init; }

    /// <summary>Put [CLS] in front and [SEP] behind, where the vocabulary has them. Default: true.</summary>
    public bool AddSpecial { get; init; } = true;

    /// <summary>Seed of the choice.</summary>
    public long Seed { get; init; }
}
