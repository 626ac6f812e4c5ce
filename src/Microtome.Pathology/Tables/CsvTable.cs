using System.Text;
using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>A table of comma-separated values with one line of names (RFC 4180: quotes may hold commas and line ends). Files may be packed with gzip.</summary>
public sealed class CsvTable
{
    private readonly int[] _lines;

    private CsvTable(string path, string[] columns, string[][] rows, int[] lines)
    {
        Path = path;
        Columns = columns;
        Rows = rows;
        _lines = lines;
    }

    /// <summary>Where it was read.</summary>
    public string Path { get; }

    /// <summary>The names of the columns, in order.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>The cells, shape [rows, columns], without the spaces around them.</summary>
    public IReadOnlyList<string[]> Rows { get; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="SlideException">The file is missing, damaged, empty, or a row has another number of cells than the first line.</exception>
    public static CsvTable Read(string path) => Parse(path, TextFile.Read(path));

    /// <summary>Reads text; <paramref name="path"/> is what messages call it.</summary>
    /// <exception cref="SlideException">The text is empty or a row has another number of cells than the first line.</exception>
    public static CsvTable Parse(string path, string text)
    {
        var rows = new List<string[]>();
        var lines = new List<int>();
        string[]? columns = null;
        int at = 0, line = 1;
        while (at < text.Length)
        {
            int first = line;
            string[] cells = Record(path, text, ref at, ref line);
            if (cells is [""])
                continue;
            if (columns is null)
            {
                columns = cells;
                var twice = columns.GroupBy(static c => c, StringComparer.Ordinal).FirstOrDefault(static g => g.Key.Length > 0 && g.Count() > 1);
                if (twice is not null)
                    throw new SlideException($"{path}: the column '{twice.Key}' stands there twice. Rename one of them.");
                continue;
            }

            if (cells.Length != columns.Length)
                throw new SlideException($"{path}, line {first}: it has {cells.Length} cells and the first line {columns.Length}. The table is cut off or not comma-separated.");
            rows.Add(cells);
            lines.Add(first);
        }

        if (columns is null)
            throw new SlideException($"{path} is empty: a table begins with the names of its columns.");
        return new CsvTable(path, columns, [.. rows], [.. lines]);
    }

    /// <summary>A cell as a table writes it: in quotes when it holds a comma, a quote or a line end.</summary>
    public static string Quote(string cell) =>
        cell.AsSpan().IndexOfAny(",\"\r\n") < 0 ? cell : $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>Whether a cell says that nothing is known: empty, NA, NaN, or TCGA's "[Not Available]" and its like.</summary>
    public static bool IsMissing(string cell) =>
        cell.Length == 0 || cell.Equals("NA", StringComparison.OrdinalIgnoreCase) || cell.Equals("NaN", StringComparison.OrdinalIgnoreCase)
        || (cell.StartsWith("[Not ", StringComparison.OrdinalIgnoreCase) && cell[^1] == ']');

    /// <summary>The line of the file on which a row begins, from 1.</summary>
    public int Line(int row) => _lines[row];

    /// <summary>The place of a column, or -1.</summary>
    public int Find(string column)
    {
        for (int i = 0; i < Columns.Count; i++)
        {
            if (Columns[i] == column)
                return i;
        }

        return -1;
    }

    /// <summary>The place of a column.</summary>
    /// <exception cref="SlideException">There is no such column.</exception>
    public int Require(string column)
    {
        int place = Find(column);
        return place >= 0
            ? place
            : throw new SlideException($"{Path} has no column '{column}'. It has: {string.Join(", ", Columns.Where(static c => c.Length > 0).Take(40))}.");
    }

    private static string[] Record(string path, string text, ref int at, ref int line)
    {
        var cells = new List<string>();
        var cell = new StringBuilder();
        int first = line;
        bool quoted = false;
        for (; ; at++)
        {
            if (at >= text.Length)
            {
                if (quoted)
                    throw new SlideException($"{path}, line {first}: a quote is opened and never closed.");
                break;
            }

            char c = text[at];
            if (c == '\n')
                line++;
            if (quoted)
            {
                if (c != '"')
                    cell.Append(c);
                else if (at + 1 < text.Length && text[at + 1] == '"')
                    cell.Append(text[at++]);
                else
                    quoted = false;
            }
            else if (c == '"' && string.IsNullOrWhiteSpace(cell.ToString()))
            {
                quoted = true;
            }
            else if (c == ',')
            {
                cells.Add(cell.ToString().Trim());
                cell.Clear();
            }
            else if (c == '\n')
            {
                at++;
                break;
            }
            else
            {
                cell.Append(c);
            }
        }

        cells.Add(cell.ToString().Trim());
        return [.. cells];
    }
}
