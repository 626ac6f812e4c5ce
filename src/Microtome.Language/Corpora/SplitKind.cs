namespace Microtome.Language;

/// <summary>Which documents are held out from training.</summary>
public enum SplitKind
{
    /// <summary>Chosen by a hash of the document's number: spread over the corpus.</summary>
    Hash,

    /// <summary>The last ones.</summary>
    Last,
}
