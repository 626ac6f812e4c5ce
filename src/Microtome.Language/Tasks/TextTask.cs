namespace Microtome.Language;

/// <summary>Where a table of sentences or pairs keeps what, and how its answers are measured.</summary>
public sealed record TextTask
{
    /// <summary>GLUE's tasks (Wang et al. 2019) in the layout in which they are published; labels in the order of the public models.</summary>
    public static IReadOnlyList<TextTask> Glue { get; } =
    [
        new() { Name = "cola", Columns = ["source", "label", "star", "sentence"], First = "sentence", Label = "label", Labels = ["0", "1"], Measures = [TextMeasure.Matthews, TextMeasure.Accuracy] },
        new() { Name = "sst2", First = "sentence", Label = "label", Labels = ["0", "1"] },
        new() { Name = "mrpc", First = "#1 String", Second = "#2 String", Label = "Quality", Labels = ["0", "1"], Measures = [TextMeasure.F1, TextMeasure.Accuracy] },
        new() { Name = "stsb", First = "sentence1", Second = "sentence2", Label = "score", Labels = [], Measures = [TextMeasure.Pearson, TextMeasure.Spearman] },
        new() { Name = "qqp", First = "question1", Second = "question2", Label = "is_duplicate", Labels = ["0", "1"], Measures = [TextMeasure.F1, TextMeasure.Accuracy] },
        new() { Name = "mnli", First = "sentence1", Second = "sentence2", Label = "gold_label", Labels = ["entailment", "neutral", "contradiction"] },
        new() { Name = "qnli", First = "question", Second = "sentence", Label = "label", Labels = ["entailment", "not_entailment"] },
        new() { Name = "rte", First = "sentence1", Second = "sentence2", Label = "label", Labels = ["entailment", "not_entailment"] },
        new() { Name = "wnli", First = "sentence1", Second = "sentence2", Label = "label", Labels = ["0", "1"] },
    ];

    /// <summary>What it is called.</summary>
    public required string Name { get; init; }

    /// <summary>The columns of a file without a line of names; null, the default, for one with it.</summary>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>The column of the text, or of the first one of a pair.</summary>
    public required string First { get; init; }

    /// <summary>The column of the second text of a pair; null for single texts.</summary>
    public string? Second { get; init; }

    /// <summary>The column of the label; files without it are read without labels.</summary>
    public required string Label { get; init; }

    /// <summary>The labels in the order of their numbers; empty for a score to predict; null for those that a file has, sorted.</summary>
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary>What is reported, the one that counts first. Default: accuracy.</summary>
    public IReadOnlyList<TextMeasure> Measures { get; init; } = [TextMeasure.Accuracy];

    /// <summary>Whether a score is predicted and not a class.</summary>
    public bool IsRegression => Labels is { Count: 0 };

    /// <summary>GLUE's task of a name; capital letters and hyphens do not matter (CoLA, SST-2).</summary>
    /// <exception cref="TextException">There is no such task.</exception>
    public static TextTask Named(string name)
    {
        var plain = name.Replace("-", string.Empty, StringComparison.Ordinal).ToLowerInvariant();
        return Glue.FirstOrDefault(task => string.Equals(task.Name, plain, StringComparison.Ordinal))
            ?? throw new TextException($"'{name}' is none of GLUE's tasks: {string.Join(", ", Glue.Select(static t => t.Name))}. Tables of your own: name their columns.");
    }
}
