using System.Globalization;

namespace Microtome.Language;

/// <summary>Labelled texts of a task.</summary>
public sealed class TextDataset
{
    private TextDataset(TextTask task, IReadOnlyList<string> labels, IReadOnlyList<TextExample> examples)
    {
        Task = task;
        Labels = labels;
        Examples = examples;
    }

    /// <summary>The task.</summary>
    public TextTask Task { get; }

    /// <summary>The labels in the order of their numbers; empty for scores.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>The texts in the order of the file.</summary>
    public IReadOnlyList<TextExample> Examples { get; }

    /// <summary>Reads a table of tab-separated values. Quotes are letters as any other, as in GLUE's files.</summary>
    /// <exception cref="TextException">The file is empty, no UTF-8, lacks a column, or a row has another number of cells or an unknown label.</exception>
    public static TextDataset Read(string path, TextTask task)
    {
        using var lines = new Utf8LineReader(path);
        var number = 0;
        var columns = task.Columns;
        if (columns is null)
        {
            number++;
            columns = Cells(lines.Next()!);
        }

        int first = Require(path, columns, task.First), second = task.Second is null ? -1 : Require(path, columns, task.Second), label = IndexOf(columns, task.Label);
        var rows = new List<(string First, string? Second, string? Label, int Line)>();
        while (lines.Next() is { } line)
        {
            number++;
            if (line.AsSpan().Trim().IsEmpty)
                continue;
            var cells = Cells(line);
            if (cells.Length != columns.Count)
                throw new TextException($"{path}, line {number}: it has {cells.Length} cells, and {columns.Count} are expected ({string.Join(", ", columns)}), parted by tabs.");
            rows.Add((cells[first], second < 0 ? null : cells[second], label < 0 ? null : cells[label], number));
        }

        if (rows.Count == 0)
            throw new TextException($"{path} has no rows.");
        IReadOnlyList<string> labels = task.Labels ?? [.. rows.Select(static r => r.Label).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        return new TextDataset(task, labels, [.. rows.Select(row => Example(path, row, task, labels))]);
    }

    private static TextExample Example(string path, (string First, string? Second, string? Label, int Line) row, TextTask task, IReadOnlyList<string> labels)
    {
        if (row.Label is null)
            return new TextExample(row.First, row.Second, -1);
        if (task.IsRegression)
        {
            return double.TryParse(row.Label, NumberStyles.Float, CultureInfo.InvariantCulture, out var score) && double.IsFinite(score)
                ? new TextExample(row.First, row.Second, -1, score)
                : throw new TextException($"{path}, line {row.Line}: the {task.Label} '{Vocabulary.Show(row.Label)}' is no number.");
        }

        var known = IndexOf(labels, row.Label);
        return known >= 0 ? new TextExample(row.First, row.Second, known) : throw new TextException($"{path}, line {row.Line}: the {task.Label} '{Vocabulary.Show(row.Label)}' is none of {string.Join(", ", labels)}.");
    }

    private static string[] Cells(string line) => line.TrimEnd('\n').TrimEnd('\r').Split('\t');

    private static int Require(string path, IReadOnlyList<string> columns, string column) => IndexOf(columns, column) is >= 0 and var at
        ? at
        : throw new TextException($"{path} has no column '{column}'; its first line names {string.Join(", ", columns.Select(Vocabulary.Show))}.");

    private static int IndexOf(IReadOnlyList<string> items, string wanted)
    {
        for (var i = 0; i < items.Count; i++)
        {
            if (string.Equals(items[i], wanted, StringComparison.Ordinal))
                return i;
        }

        return -1;
    }
}
