using System.Globalization;
using Microtome.Imaging;
using Microtome.Learning.Supervision.InstanceMasks;

namespace Microtome.Learning.Supervision.CellLabels;

/// <summary>A picture in which every cell is marked, by a point and a kind or by an instance mask (then every instance is of kind 1).</summary>
public sealed class CellField
{
    private CellField(ManifestRow row, RgbImage picture, Cell[] cells)
    {
        Row = row;
        Picture = picture;
        Cells = cells;
    }

    /// <summary>Where it came from.</summary>
    public ManifestRow Row { get; }

    /// <summary>The pixels.</summary>
    public RgbImage Picture { get; }

    /// <summary>The cells.</summary>
    public IReadOnlyList<Cell> Cells { get; }

    /// <summary>Reads a picture and its cells. A mask that ends in .txt holds lines of <c>ROW COL KIND</c> (BRCA-M2C's order: row first); others are instance masks.</summary>
    /// <exception cref="SlideException">A file cannot be read, a line is no cell, or cells lie outside the picture.</exception>
    public static CellField Load(ManifestRow row)
    {
        var picture = ImageFile.ReadRgb(row.Image);
        var cells = row.Mask.EndsWith(".txt", StringComparison.OrdinalIgnoreCase) ? Points(row.Mask, picture) : Centres(row.Mask, picture);
        return new CellField(row, picture, cells);
    }

    /// <summary>Cells of a kind whose centre lies in a rectangle of the field, left and top edge included.</summary>
    public int Count(int kind, double x, double y, double width, double height) =>
        Cells.Count(c => c.Kind == kind && c.X >= x && c.X < x + width && c.Y >= y && c.Y < y + height);

    private static Cell[] Points(string path, RgbImage picture)
    {
        if (!File.Exists(path))
            throw new SlideException($"{path}: there is no such list of cells.");
        var cells = new List<Cell>();
        int number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
                continue;
            var parts = line.Split((char[])[' ', '\t', ','], StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length != 3 || !Number(parts[0], out var y) || !Number(parts[1], out var x) || !Number(parts[2], out var kind) || kind < 1 || kind > 255 || kind != Math.Floor(kind))
                throw new SlideException($"{path}, line {number}: '{line.Trim()}' is no cell. A line is ROW COL KIND, with KIND a whole number from 1 on.");
            // Centres on the border are rounded over it by some marking programs.
            if (x < -1 || y < -1 || x > picture.Width + 1 || y > picture.Height + 1)
                throw new SlideException($"{path}, line {number}: the cell at row {y}, column {x} lies outside its picture of {picture.Width} x {picture.Height} px. Are rows and columns exchanged?");
            cells.Add(new Cell((float)x, (float)y, (int)kind));
        }

        return [.. cells];
    }

    private static bool Number(string text, out double value) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);

    private static Cell[] Centres(string path, RgbImage picture)
    {
        var labels = LabelImage.Read(path);
        if (labels.Width != picture.Width || labels.Height != picture.Height)
            throw new SlideException($"{path}: the mask is {labels.Width} x {labels.Height}, its picture {picture.Width} x {picture.Height}. They must be of one size.");
        var sums = new Dictionary<int, (double X, double Y, int Count)>();
        for (int i = 0; i < labels.Samples.Length; i++)
        {
            if (labels.Samples[i] == 0)
                continue;
            var (x, y, count) = sums.GetValueOrDefault(labels.Samples[i]);
            sums[labels.Samples[i]] = (x + (i % labels.Width) + 0.5, y + (i / labels.Width) + 0.5, count + 1);
        }

        return [.. sums.OrderBy(s => s.Key).Select(s => new Cell((float)(s.Value.X / s.Value.Count), (float)(s.Value.Y / s.Value.Count), 1))];
    }
}
