using System.Globalization;
using Microtome.Imaging;
using Microtome.Learning.Supervision.Thresholds;

namespace Microtome.Pathology;

/// <summary>A slide's teacher map and where it lies.</summary>
/// <param name="Map">The states.</param>
/// <param name="Grid">The place of its pixels, level-0 pixels.</param>
public sealed record TeacherSlide(TeacherMap Map, MapGrid Grid)
{
    // A picture map covers its slide; one that covers less was made at another magnification.
    private const double LeastCover = 0.8;

    /// <summary>
    /// Reads a map: a thresholded PNG, or probabilities (the older text of <c>x y lym nec</c>, WSInfer's CSV) that are thresholded here. Tables state their grid; a PNG has the published one.
    /// </summary>
    /// <param name="path">The map.</param>
    /// <param name="thresholds">The sliders for probabilities.</param>
    /// <param name="slide">The slide that it belongs to.</param>
    /// <param name="pngOrigin">Where the grid of a PNG begins, level-0 pixels: 1 as published, 0 for newer tools.</param>
    /// <param name="positiveClass">The class of a CSV with several.</param>
    /// <exception cref="SlideException">The map is damaged, or does not fit the slide.</exception>
    public static TeacherSlide Read(string path, TeacherThresholds thresholds, ISlide slide, double pngOrigin = MapGrid.PublishedOrigin, string? positiveClass = null)
    {
        if (!File.Exists(path))
            throw new SlideException($"{path}: there is no such map.");
        TeacherSlide result;
        if (IsPicture(path))
        {
            var map = TeacherMap.Read(path);
            result = new TeacherSlide(map, MapGrid.Published(slide.RequirePixelSize(), pngOrigin));
            var bounds = slide.Levels[0];
            if (map.States.Width * result.Grid.StepX < bounds.Width * LeastCover && map.States.Height * result.Grid.StepY < bounds.Height * LeastCover)
                throw new SlideException(Misfit(path, result, slide, "covers only a part of"));
        }
        else
        {
            var table = PatchTable.Read(path);
            var lymphocytes = PatchMap.From(table, table.ClassIndex(positiveClass, "--til-class"));
            double[]? column = Necrosis(path, table);
            var necrosis = column is null ? null : PatchMap.From(table, i => (float)column[i]).Values;
            result = new TeacherSlide(
                TeacherMap.Of(lymphocytes.Values, necrosis, thresholds),
                new MapGrid(lymphocytes.Columns.Start, lymphocytes.Rows.Start, lymphocytes.Columns.Step, lymphocytes.Rows.Step));
        }

        var (width, height) = (result.Map.States.Width, result.Map.States.Height);
        if (result.Grid.OriginX + ((width - 1) * result.Grid.StepX) > slide.Levels[0].Width || result.Grid.OriginY + ((height - 1) * result.Grid.StepY) > slide.Levels[0].Height)
            throw new SlideException(Misfit(path, result, slide, "reaches beyond"));
        return result;
    }

    private static string Misfit(string path, TeacherSlide map, ISlide slide, string what) => string.Create(CultureInfo.InvariantCulture,
        $"{path}: a map of {map.Map.States.Width} x {map.Map.States.Height} patches of {map.Grid.StepX:0.##} px {what} {slide.Name} ({slide.Levels[0].Width} x {slide.Levels[0].Height} px). Is it of another slide, or the pixel size wrong?");

    /// <summary>Whether a map is a picture, in which the thresholds are applied already.</summary>
    internal static bool IsPicture(string path)
    {
        Span<byte> head = stackalloc byte[4];
        using var file = File.OpenRead(path);
        int read = file.ReadAtLeast(head, 4, throwOnEndOfStream: false);
        return read >= 2 && (head.SequenceEqual((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G']) || (head[0] == 0xFF && head[1] == 0xD8));
    }

    // The fourth number of the older text, or a class of the CSV that is called necrosis.
    private static double[]? Necrosis(string path, PatchTable table)
    {
        for (int k = 0; k < table.Classes.Count; k++)
        {
            if (table.Classes[k].Equals("necrosis", StringComparison.OrdinalIgnoreCase))
                return [.. Enumerable.Range(0, table.Count).Select(i => table.Probabilities[(i * table.Classes.Count) + k])];
        }

        if (table.Classes is not [""])
            return null;
        var values = new double[table.Count];
        int row = 0, line = 0;
        bool any = false;
        foreach (string text in TextFile.Read(path).Split('\n'))
        {
            line++;
            string[] cells = text.Split((char[])[' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
            if (cells.Length == 0)
                continue;
            any |= cells.Length > 3;
            if (cells.Length > 3 && (!double.TryParse(cells[3], NumberStyles.Float, CultureInfo.InvariantCulture, out values[row]) || values[row] is not (>= 0 and <= 1)))
                throw new SlideException($"{path}, line {line}: necrosis, the fourth number, is '{cells[3]}', no probability from 0 to 1.");
            row++;
        }

        return any ? values : null;
    }
}
