using System.Text.Json;
using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>A combined map in the JSON layouts of the published viewers (tumor-til, sections 6.2 and 6.3).</summary>
public static class FeatureMap
{
    /// <summary>
    /// Writes the feature map: <c>metadata</c> (sizes of slide, map and patch) and <c>data</c> (locations i = x and j = y in map pixels; features TIL, Cancer, Tissue, 0 to 255). Pixels
    /// that are 0 in all three are left out. patch_w and patch_h are the real sides, not the 200 of the published files.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="map">The map.</param>
    /// <param name="slideWidth">Level-0 pixels.</param>
    /// <param name="slideHeight">Level-0 pixels.</param>
    /// <param name="patch">The lymphocyte grid, whose cells are the map's pixels.</param>
    /// <param name="execution">Names the run.</param>
    /// <exception cref="IOException">The folder cannot be written or the disk is full.</exception>
    public static void WriteFeatures(string path, CombinedMap map, long slideWidth, long slideHeight, (double Width, double Height) patch, string execution) => Write(path, json =>
    {
        json.WriteStartObject("metadata");
        json.WriteNumber("img_width", slideWidth);
        json.WriteNumber("img_height", slideHeight);
        json.WriteNumber("png_w", map.Width);
        json.WriteNumber("png_h", map.Height);
        json.WriteNumber("patch_w", patch.Width);
        json.WriteNumber("patch_h", patch.Height);
        json.WriteString("executionid", execution);
        json.WriteString("executedby", "microtome");
        json.WriteEndObject();
        json.WriteStartObject("data");
        var pixels = Pixels(map).ToList();
        json.WriteStartObject("locations");
        Array("i", p => p.X);
        Array("j", p => p.Y);
        json.WriteEndObject();
        json.WriteStartObject("features");
        Array("TIL", p => p.Til);
        Array("Cancer", p => p.Tumor);
        Array("Tissue", p => p.Tissue);
        json.WriteEndObject();
        json.WriteEndObject();

        void Array(string name, Func<(int X, int Y, int Til, int Tumor, int Tissue), int> value)
        {
            json.WriteStartArray(name);
            foreach (var pixel in pixels)
                json.WriteNumberValue(value(pixel));
            json.WriteEndArray();
        }
    });

    /// <summary>Writes the caMicroscope heat map: <c>provenance</c> with the fields and their ranges, <c>data</c> with rows of x, y, TIL and Cancer (0 to 1; level-0 pixels), all-zero rows left out.</summary>
    /// <param name="path">The file.</param>
    /// <param name="map">The map.</param>
    /// <param name="slide">The slide's name.</param>
    /// <param name="origin">Upper left corner of the map, level-0 pixels.</param>
    /// <param name="patch">Sides of a patch, level-0 pixels.</param>
    /// <param name="cuts">Cuts of lymphocytes and tumor, which the viewer's sliders begin with.</param>
    /// <param name="execution">Names the run.</param>
    /// <exception cref="IOException">The folder cannot be written or the disk is full.</exception>
    public static void WriteHeatmap(string path, CombinedMap map, string slide, (double X, double Y) origin, (double Width, double Height) patch, (double Til, double Tumor) cuts, string execution) => Write(path, json =>
    {
        json.WriteStartObject("provenance");
        json.WriteStartObject("image");
        json.WriteString("slide", slide);
        json.WriteEndObject();
        json.WriteStartObject("analysis");
        json.WriteString("execution_id", execution);
        json.WriteString("source", "computer");
        json.WriteString("computation", "heatmap");
        json.WriteStartArray("fields");
        Field("TIL", cuts.Til);
        Field("Cancer", cuts.Tumor);
        json.WriteEndArray();
        json.WriteStartArray("size");
        json.WriteNumberValue(patch.Width);
        json.WriteNumberValue(patch.Height);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteStartArray("data");
        foreach (var (x, y, til, tumor, _) in Pixels(map).Where(static p => p.Til + p.Tumor > 0))
        {
            json.WriteStartArray();
            json.WriteNumberValue(Math.Round(origin.X + (x * patch.Width), 2));
            json.WriteNumberValue(Math.Round(origin.Y + (y * patch.Height), 2));
            json.WriteNumberValue(Math.Round(til / 255.0, 4));
            json.WriteNumberValue(Math.Round(tumor / 255.0, 4));
            json.WriteEndArray();
        }

        json.WriteEndArray();

        void Field(string name, double cut)
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteStartArray("range");
            json.WriteNumberValue(0);
            json.WriteNumberValue(1);
            json.WriteEndArray();
            json.WriteStartArray("value");
            json.WriteNumberValue(cut);
            json.WriteNumberValue(1);
            json.WriteEndArray();
            json.WriteEndObject();
        }
    });

    private static IEnumerable<(int X, int Y, int Til, int Tumor, int Tissue)> Pixels(CombinedMap map)
    {
        for (int y = 0; y < map.Height; y++)
        {
            for (int x = 0; x < map.Width; x++)
            {
                int at = ((y * map.Width) + x) * 3, til = map.Pixels.Pixels[at], tumor = map.Pixels.Pixels[at + 1], tissue = map[x, y] == CombinedMapClass.None ? 0 : 255;
                if (til + tumor + tissue > 0)
                    yield return (x, y, til, tumor, tissue);
            }
        }
    }

    private static void Write(string path, Action<Utf8JsonWriter> content) => AtomicFile.Write(path, temporary =>
    {
        using var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
        using var json = new Utf8JsonWriter(file);
        json.WriteStartObject();
        content(json);
        json.WriteEndObject();
    });
}
