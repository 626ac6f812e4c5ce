namespace Microtome.Language;

/// <summary>How a task is measured.</summary>
public enum TextMeasure
{
    /// <summary>The share of right answers.</summary>
    Accuracy,

    /// <summary>F1 of the second label (1), as GLUE takes it.</summary>
    F1,

    /// <summary>Matthews' correlation.</summary>
    Matthews,

    /// <summary>Pearson's correlation.</summary>
    Pearson,

    /// <summary>Spearman's correlation.</summary>
    Spearman,
}
