using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>
/// Nuclei in the layout of the published QuIP results: one <c>-features.csv</c> and one <c>-algmeta.json</c> for each tile of 4000 x 4000 level-0 pixels,
/// and an empty file <c>finish</c> when all are there (Hou et al. 2020; section 6 of the nuclei method page).
/// </summary>
public static class QuipFiles
{
    /// <summary>Side of a tile, level-0 pixels; tiles begin at 1.</summary>
    public const int Tile = 4000;

    /// <summary>The header of a features file.</summary>
    public const string Header = "AreaInPixels,PhysicalSize,Polygon";

    private const int Buffered = 1 << 22;

    /// <summary>Writes the folder. Nuclei are sorted into tiles on disk, so memory does not grow with their number.</summary>
    /// <param name="folder">The folder of the slide.</param>
    /// <param name="nuclei">The nuclei, in any order; a nucleus belongs to the tile that holds its centroid.</param>
    /// <param name="slide">What the files say about the slide.</param>
    /// <param name="options">Post-processing, for the record.</param>
    /// <returns>Number of nuclei.</returns>
    /// <exception cref="IOException">The folder cannot be written or the disk is full.</exception>
    public static long Write(string folder, IEnumerable<Nucleus> nuclei, QuipSlide slide, NucleusPostprocessingOptions? options = null)
    {
        Directory.CreateDirectory(folder);
        var finish = Path.Combine(folder, "finish");
        File.Delete(finish);
        var work = Directory.CreateDirectory(Path.Combine(folder, $".tiles.{Guid.NewGuid():N}.tmp")).FullName;
        try
        {
            var (lastColumn, lastRow) = (Last(slide.Width), Last(slide.Height));
            var pending = new SortedDictionary<(int Row, int Column), StringBuilder>();
            long count = 0;
            var size = 0;
            foreach (var nucleus in nuclei)
            {
                count++;
                var key = (Math.Clamp(Place(nucleus.Centroid.Y), 0, lastRow), Math.Clamp(Place(nucleus.Centroid.X), 0, lastColumn));
                if (!pending.TryGetValue(key, out var text))
                    pending[key] = text = new StringBuilder();
                var before = text.Length;

                // The sort key in front: rows must not depend on the order in which nuclei were found.
                text.Append(CultureInfo.InvariantCulture, $"{nucleus.Anchor.Y + (1L << 40)}\t{nucleus.Anchor.X + (1L << 40)}\t");
                Row(text, nucleus, slide);
                size += text.Length - before;
                if (size < Buffered)
                    continue;
                Spill(work, pending);
                size = 0;
            }

            Spill(work, pending);
            for (var row = 0; row <= lastRow; row++)
            {
                for (var column = 0; column <= lastColumn; column++)
                    WriteTile(folder, work, row, column, slide, options ?? new NucleusPostprocessingOptions());
            }

            AtomicFile.WriteAllText(finish, string.Empty);
            return count;
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    /// <summary>Reads a features file. Rows with fewer than three points are left out and a repeated last point is dropped, as published files have both.</summary>
    /// <exception cref="SlideException">The file is missing or a row is damaged; the message names the line.</exception>
    public static IEnumerable<QuipNucleus> Read(string path)
    {
        if (!File.Exists(path))
            throw new SlideException($"{path} does not exist.");
        return ReadLines(path);
    }

    private static IEnumerable<QuipNucleus> ReadLines(string path)
    {
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (number == 1)
            {
                if (line.TrimEnd() != Header)
                    throw new SlideException($"{path} is not a QuIP features file: it begins with '{(line.Length > 60 ? line[..60] : line)}' and not with '{Header}'.");
                continue;
            }

            if (line.Length == 0)
                continue;
            if (ParseRow(line, $"{path}, line {number}") is { } nucleus)
                yield return nucleus;
        }
    }

    private static QuipNucleus? ParseRow(string line, string place)
    {
        var fields = line.TrimEnd().Split(',');
        if (fields.Length != 3 || !fields[2].StartsWith('[') || !fields[2].EndsWith(']')
            || !long.TryParse(fields[0], CultureInfo.InvariantCulture, out var area) || !long.TryParse(fields[1], CultureInfo.InvariantCulture, out var physical))
        {
            throw new SlideException($"{place}: expected area,size,[x1:y1:...] and found '{(line.Length > 60 ? line[..60] : line)}'.");
        }

        var numbers = fields[2][1..^1].Split(':', StringSplitOptions.RemoveEmptyEntries);
        var ring = new List<Vertex>(numbers.Length / 2);
        for (var i = 0; i + 1 < numbers.Length; i += 2)
        {
            if (!double.TryParse(numbers[i], CultureInfo.InvariantCulture, out var x) || !double.TryParse(numbers[i + 1], CultureInfo.InvariantCulture, out var y))
                throw new SlideException($"{place}: '{numbers[i]}:{numbers[i + 1]}' is not a point.");
            ring.Add(new Vertex(x, y));
        }

        if (ring.Count > 1 && ring[0] == ring[^1])
            ring.RemoveAt(ring.Count - 1);
        return ring.Count < 3 ? null : new QuipNucleus(area, physical, new Polygon([.. ring]));
    }

    /// <summary>The name of a tile's files without their endings: x_y_width_height_mpp_scale_SEG.</summary>
    private static string TileName(int row, int column, QuipSlide slide)
    {
        var (x, y, width, height) = Area(row, column, slide);
        return string.Create(CultureInfo.InvariantCulture, $"{x}_{y}_{width}_{height}_{slide.Mpp}_{slide.Scale}_SEG");
    }

    private static (long X, long Y, long Width, long Height) Area(int row, int column, QuipSlide slide)
    {
        long x = 1 + ((long)column * Tile), y = 1 + ((long)row * Tile);

        // Right and bottom stay five pixels inside the slide.
        return (x, y, Math.Max(1, Math.Min(Tile, slide.Width - 5 - x)), Math.Max(1, Math.Min(Tile, slide.Height - 5 - y)));
    }

    private static int Place(double coordinate) => (int)Math.Floor((coordinate - 1) / Tile);

    /// <summary>The last tile along a side: one of three pixels or less is not made.</summary>
    private static int Last(long side) => (int)Math.Max(0, ((side - 5 - 1 - 3 + Tile - 1) / Tile) - 1);

    private static void Row(StringBuilder text, Nucleus nucleus, QuipSlide slide)
    {
        var pixel = slide.Mpp / slide.Scale;
        var size = (long)Math.Round(nucleus.AreaUm2 / (pixel * pixel));
        text.Append(CultureInfo.InvariantCulture, $"{size / (slide.Scale * slide.Scale)},{size},[");
        var separator = string.Empty;
        foreach (var v in nucleus.Polygon.Exterior)
        {
            text.Append(CultureInfo.InvariantCulture, $"{separator}{v.X:F1}:{v.Y:F1}");
            separator = ":";
        }

        text.Append("]\n");
    }

    private static void Spill(string work, SortedDictionary<(int Row, int Column), StringBuilder> pending)
    {
        foreach (var ((row, column), text) in pending)
            File.AppendAllText(WorkFile(work, row, column), text.ToString());
        pending.Clear();
    }

    private static string WorkFile(string work, int row, int column) => Path.Combine(work, string.Create(CultureInfo.InvariantCulture, $"{row}_{column}"));

    private static void WriteTile(string folder, string work, int row, int column, QuipSlide slide, NucleusPostprocessingOptions options)
    {
        var name = TileName(row, column, slide);
        var lines = File.Exists(WorkFile(work, row, column)) ? File.ReadAllLines(WorkFile(work, row, column)) : [];
        Array.Sort(lines, StringComparer.Ordinal);
        AtomicFile.Write(Path.Combine(folder, name + "-features.csv"), temporary =>
        {
            using var writer = new StreamWriter(temporary) { NewLine = "\n" };
            writer.WriteLine(Header);
            foreach (var line in lines)
                writer.WriteLine(line.AsSpan(line.LastIndexOf('\t') + 1));
        });
        var (x, y, width, height) = Area(row, column, slide);
        var text = Metadata(slide, options, name, x, y, width, height).ToJsonString(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        AtomicFile.WriteAllText(Path.Combine(folder, name + "-algmeta.json"), text + "\n");
    }

    private static JsonObject Metadata(QuipSlide slide, NucleusPostprocessingOptions options, string name, long x, long y, long width, long height) => new()
    {
        ["input_type"] = "wsi",
        ["otsu_ratio"] = 0,
        ["curvature_weight"] = 0,
        ["min_size"] = options.MinArea,
        ["max_size"] = 65536,
        ["ms_kernel"] = 0,
        ["declump_type"] = 0,
        ["levelset_num_iters"] = 0,
        ["mpp"] = slide.Mpp,
        ["image_width"] = slide.Width,
        ["image_height"] = slide.Height,
        ["tile_minx"] = x,
        ["tile_miny"] = y,
        ["tile_width"] = width,
        ["tile_height"] = height,
        ["patch_minx"] = x,
        ["patch_miny"] = y,
        ["patch_width"] = width,
        ["patch_height"] = height,
        ["output_level"] = "mask",
        ["out_file_prefix"] = name,
        ["subject_id"] = slide.SubjectId,
        ["case_id"] = slide.CaseId,
        ["analysis_id"] = slide.AnalysisId,
        ["analysis_execution_date"] = slide.ExecutionDate,
        ["version"] = new JsonObject
        {
            ["git_remote"] = string.Empty,
            ["git_branch"] = string.Empty,
            ["git_commit"] = slide.Version,
            ["model_path"] = slide.ModelPath,
            ["model_hash"] = slide.ModelHash,
            ["model_url"] = string.Empty,
            ["model_ver"] = string.Empty,
        },
        ["analysis_desc"] = string.Create(
            CultureInfo.InvariantCulture, $"{slide.AnalysisId}_{options.ForegroundThreshold}_{options.MarkerDynamics}_{options.MinMarkerArea}_{options.MinArea}_65536"),
    };
}
