using System.Globalization;
using Microtome.Imaging;

namespace Microtome.Learning.Supervision.InstanceMasks;

/// <summary>The list of labelled pictures that training and evaluation share, split by patient.</summary>
public sealed class Manifest
{
    /// <summary>The columns of the file, in order.</summary>
    public const string Header = "image,mask,patient,split,mpp,instances,weight";

    private static readonly string[] Splits = ["train", "validation", "test"];

    private Manifest(IReadOnlyList<ManifestRow> rows) => Rows = rows;

    /// <summary>All rows.</summary>
    public IReadOnlyList<ManifestRow> Rows { get; }

    /// <summary>The rows of one split.</summary>
    public IEnumerable<ManifestRow> Of(string split) => Rows.Where(row => string.Equals(row.Split, split, StringComparison.Ordinal));

    /// <summary>Reads a CSV manifest; relative paths in it count from <paramref name="root"/>.</summary>
    /// <exception cref="SlideException">A row is malformed, or a patient is in more than one split.</exception>
    public static Manifest Read(string path, string root)
    {
        var lines = File.ReadAllLines(path);
        if (lines.Length == 0 || !string.Equals(lines[0].Trim(), Header, StringComparison.Ordinal))
            throw new SlideException($"{path}: a manifest begins with the line '{Header}'.");
        var rows = new List<ManifestRow>();
        for (var i = 1; i < lines.Length; i++)
        {
            if (string.IsNullOrWhiteSpace(lines[i]))
                continue;
            rows.Add(Parse(lines[i], root, $"{path}, line {i + 1}"));
        }

        foreach (var patient in rows.GroupBy(row => row.Patient, StringComparer.Ordinal))
        {
            var splits = patient.Select(row => row.Split).Distinct(StringComparer.Ordinal).ToList();
            if (splits.Count > 1)
            {
                throw new SlideException(
                    $"{path}: patient {patient.Key} is in {string.Join(" and ", splits)}. A patient belongs to one split, or the measured figures mean nothing: mend the split column.");
            }
        }

        return new Manifest(rows);
    }

    private static ManifestRow Parse(string line, string root, string place)
    {
        var cells = line.Split(',');
        if (cells.Length != 7)
            throw new SlideException($"{place}: {cells.Length} columns instead of 7 ({Header}).");
        var split = cells[3].Trim();
        if (!Splits.Contains(split, StringComparer.Ordinal))
            throw new SlideException($"{place}: split '{split}' is none of {string.Join(", ", Splits)}.");
        return new ManifestRow(
            Path.GetFullPath(cells[0].Trim(), Path.GetFullPath(root)),
            Path.GetFullPath(cells[1].Trim(), Path.GetFullPath(root)),
            cells[2].Trim(),
            split,
            Number(cells[4], "mpp", PixelSize.Smallest, PixelSize.Largest),
            Number(cells[5], "instances", 0, 1),
            Number(cells[6], "weight", 0, 1e6));

        double Number(string text, string column, double least, double most) =>
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most
                ? value
                : throw new SlideException($"{place}: {column} '{text.Trim()}' is not a number from {least} to {most}.");
    }
}
