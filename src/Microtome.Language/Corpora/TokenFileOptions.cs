namespace Microtome.Language;

/// <summary>How text becomes a token file.</summary>
public sealed record TokenFileOptions
{
    /// <summary>What a document is. Default: a paragraph.</summary>
    public DocumentKind Documents { get; init; } = DocumentKind.Paragraph;

    /// <summary>A token after every document; null for none. Default: null. A causal model learns from its end-of-text token there that texts end.</summary>
    public int? Separator { get; init; }
}
