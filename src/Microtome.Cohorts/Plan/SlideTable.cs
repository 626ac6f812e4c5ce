using System.Globalization;
using Microtome.Imaging;
using Microtome.Pathology;

namespace Microtome.Cohorts;

/// <summary>Finds the slides that a person names: files, folders of files, and tables with the columns <c>slide</c>, and if wanted <c>mpp</c>, <c>patient</c>, <c>type</c>.</summary>
public static class SlideTable
{
    private static readonly string[] s_endings = [".svs", ".tif", ".tiff", ".ndpi", ".mrxs", ".scn", ".vms", ".vmu", ".bif", ".svslide", ".qptiff"];

    /// <summary>Reads the names.</summary>
    /// <param name="names">Slides, folders (looked through to the bottom), CSV files (paths in them start at the file).</param>
    /// <param name="mpp">Pixel size of all slides whose table has none, or null.</param>
    /// <param name="type">Cancer type of all slides whose table has none.</param>
    /// <exception cref="UsageException">A table cannot be used, or two slides have one name.</exception>
    /// <exception cref="SlideException">A table is damaged or missing.</exception>
    public static IReadOnlyList<CohortSlide> Read(IEnumerable<string> names, double? mpp = null, string type = "")
    {
        var slides = new Dictionary<string, CohortSlide>(StringComparer.Ordinal);
        foreach (string name in names)
        {
            foreach (var slide in Expand(name, mpp, type))
            {
                if (slides.TryGetValue(slide.Name, out var other) && other.Path != slide.Path)
                    throw new UsageException($"Two slides have the name {slide.Name}, which is that of their results: {other.Path} and {slide.Path}. Rename one, or make two cohorts.");
                slides[slide.Name] = slide;
            }
        }

        return [.. slides.Values];
    }

    private static IEnumerable<CohortSlide> Expand(string name, double? mpp, string type)
    {
        if (name.EndsWith(".csv", StringComparison.OrdinalIgnoreCase))
            return Table(name, mpp, type);
        if (!Directory.Exists(name))
            return [Make(name, mpp, null, type)];
        var files = Directory.EnumerateFiles(name, "*", SearchOption.AllDirectories).Where(f => s_endings.Contains(Path.GetExtension(f), StringComparer.OrdinalIgnoreCase)).Order(StringComparer.Ordinal).ToList();
        return files.Count == 0
            ? throw new UsageException($"{name} holds no slide ({string.Join(' ', s_endings)}).")
            : files.Select(f => Make(f, mpp, null, type));
    }

    private static IEnumerable<CohortSlide> Table(string path, double? mpp, string type)
    {
        var table = CsvTable.Read(path);
        int slide = table.Require("slide"), size = table.Find("mpp"), patient = table.Find("patient"), kind = table.Find("type");
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        for (int i = 0; i < table.Rows.Count; i++)
        {
            string[] row = table.Rows[i];
            string Cell(int column) => column < 0 || CsvTable.IsMissing(row[column]) ? string.Empty : row[column];
            string file = Cell(slide);
            if (file.Length == 0)
                throw new UsageException($"{path}, line {table.Line(i)}: no slide is named.");
            double? own = Cell(size) is { Length: > 0 } text
                ? double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && new PixelSize(value, value, PixelSizeSource.User).IsPlausible
                    ? value
                    : throw new UsageException($"{path}, line {table.Line(i)}: mpp '{text}' is no plausible number of microns per pixel (0.25 at 40x, 0.5 at 20x).")
                : mpp;
            if (!IsSynthetic(file))
                file = Path.Combine(folder, file);
            yield return Make(file, own, Cell(patient) is { Length: > 0 } who ? who : null, Cell(kind) is { Length: > 0 } what ? what : type);
        }
    }

    private static CohortSlide Make(string path, double? mpp, string? patient, string type)
    {
        if (IsSynthetic(path))
        {
            using var synthetic = SyntheticSlide.Parse(path);
            return new CohortSlide(synthetic.Name, path, mpp, patient ?? synthetic.Name, type);
        }

        string name = SlideName.Of(path);
        return new CohortSlide(name, Path.GetFullPath(path), mpp, patient ?? name, type);
    }

    private static bool IsSynthetic(string path) => path.StartsWith(Slide.SyntheticPrefix, StringComparison.OrdinalIgnoreCase);
}
