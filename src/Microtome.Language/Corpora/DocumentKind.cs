namespace Microtome.Language;

/// <summary>What a document is in a plain text file.</summary>
public enum DocumentKind
{
    /// <summary>The whole file.</summary>
    File,

    /// <summary>Lines up to an empty line (one that holds white space only).</summary>
    Paragraph,

    /// <summary>A line that is not empty.</summary>
    Line,
}
