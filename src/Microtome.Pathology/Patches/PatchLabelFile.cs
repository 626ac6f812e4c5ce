using System.Globalization;
using System.Text;
using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>The patches of a slide that people have judged, in <c>patch-labels.csv</c> beside its results; a patch stands there once a task.</summary>
public static class PatchLabelFile
{
    /// <summary>The file.</summary>
    public const string Name = "patch-labels.csv";

    /// <summary>What is written for a patch that nobody could judge; training leaves it out.</summary>
    public const string Unclear = "unclear";

    private const string Header = "task,minx,miny,width,height,class,positive,probability,labelled_utc";

    /// <summary>Reads the labels of a folder of results; none when there is no file.</summary>
    /// <exception cref="SlideException">The file is damaged; the message names line and column.</exception>
    public static IReadOnlyList<PatchLabel> Read(string folder)
    {
        string path = Path.Combine(folder, Name);
        if (!File.Exists(path))
            return [];
        var csv = CsvTable.Read(path);
        int[] columns = [.. Header.Split(',').Select(csv.Require)];
        var labels = new List<PatchLabel>(csv.Rows.Count);
        for (int r = 0; r < csv.Rows.Count; r++)
        {
            string[] cells = csv.Rows[r];
            double Number(int column) => double.TryParse(cells[columns[column]], NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value)
                ? value
                : throw new SlideException($"{path}, line {csv.Line(r)}: '{cells[columns[column]]}' is no number where {csv.Columns[columns[column]]} stands.");
            bool? positive = cells[columns[6]] switch { "1" => true, "0" => false, "" => null, var other => throw new SlideException($"{path}, line {csv.Line(r)}: positive is '{other}'; it is 1, 0 or empty.") };
            if (Number(3) <= 0 || Number(4) <= 0)
                throw new SlideException($"{path}, line {csv.Line(r)}: a patch of {Number(3)} x {Number(4)} px covers nothing.");
            labels.Add(new PatchLabel(cells[columns[0]], Number(1), Number(2), Number(3), Number(4), cells[columns[5]], positive, Number(7),
                DateTime.TryParse(cells[columns[8]], CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out var when) ? when : default));
        }

        return labels;
    }

    /// <summary>Writes all labels of a folder; the file appears complete or not at all.</summary>
    /// <exception cref="IOException">The folder cannot be written or the disk is full; the old file is untouched.</exception>
    public static void Write(string folder, IEnumerable<PatchLabel> labels)
    {
        var text = new StringBuilder(Header).Append('\n');
        foreach (var l in labels)
            text.Append(CultureInfo.InvariantCulture, $"{CsvTable.Quote(l.Task)},{l.X},{l.Y},{l.Width},{l.Height},{CsvTable.Quote(l.Class)},{(l.Positive is { } p ? p ? "1" : "0" : string.Empty)},{l.Probability},{l.LabelledUtc:yyyy-MM-ddTHH:mm:ssZ}\n");
        AtomicFile.WriteAllText(Path.Combine(folder, Name), text.ToString());
    }
}
