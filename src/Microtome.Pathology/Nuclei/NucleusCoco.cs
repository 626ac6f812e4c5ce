using System.IO.Compression;
using System.Text.Json;
using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>Nuclei in the format of the COCO data set (object detection: polygons, boxes, areas in pixels), one file a slide, streamed. A category is a class of nuclei.</summary>
public static class NucleusCoco
{
    private const int Flush = 1 << 16;

    /// <summary>Writes the file; it appears under its name when it is complete.</summary>
    /// <param name="path">The file; gzipped when the name ends in <c>.gz</c>.</param>
    /// <param name="nuclei">The nuclei, read once.</param>
    /// <param name="slide">Name of the picture.</param>
    /// <param name="width">Width of level 0, pixels.</param>
    /// <param name="height">Height of level 0, pixels.</param>
    /// <param name="pixelSize">Size of a level-0 pixel: areas are given in pixels.</param>
    /// <param name="cancellation">Stops the writing; nothing is left.</param>
    /// <returns>Number of nuclei.</returns>
    /// <exception cref="IOException">The folder cannot be written or the disk is full.</exception>
    public static long Write(string path, IEnumerable<Nucleus> nuclei, string slide, long width, long height, PixelSize pixelSize, CancellationToken cancellation = default)
    {
        long count = 0;
        AtomicFile.Write(path, temporary =>
        {
            using var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
            using Stream target = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionLevel.Fastest) : file;
            using var json = new Utf8JsonWriter(target);
            count = Write(json, nuclei, slide, width, height, pixelSize.X * pixelSize.Y, cancellation);
        });
        return count;
    }

    private static long Write(Utf8JsonWriter json, IEnumerable<Nucleus> nuclei, string slide, long width, long height, double pixelUm2, CancellationToken cancellation)
    {
        json.WriteStartObject();
        json.WriteStartObject("info");
        json.WriteString("description", $"Nuclei of {slide}, level-0 pixels");
        json.WriteEndObject();
        json.WriteStartArray("images");
        json.WriteStartObject();
        json.WriteNumber("id", 1);
        json.WriteString("file_name", slide);
        json.WriteNumber("width", width);
        json.WriteNumber("height", height);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteStartArray("annotations");
        var categories = new Dictionary<string, int>(StringComparer.Ordinal);
        long count = 0;
        foreach (var nucleus in nuclei)
        {
            if ((++count & 0xFFF) == 0)
                cancellation.ThrowIfCancellationRequested();
            if (!categories.TryGetValue(nucleus.Class, out int category))
                categories[nucleus.Class] = category = categories.Count + 1;
            Annotation(json, nucleus, count, category, pixelUm2);
            if (json.BytesPending > Flush)
                json.Flush();
        }

        json.WriteEndArray();
        json.WriteStartArray("categories");
        foreach (var (name, id) in categories)
        {
            json.WriteStartObject();
            json.WriteNumber("id", id);
            json.WriteString("name", name);
            json.WriteString("supercategory", "nucleus");
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return count;
    }

    private static void Annotation(Utf8JsonWriter json, Nucleus nucleus, long id, int category, double pixelUm2)
    {
        double left = double.PositiveInfinity, top = left, right = double.NegativeInfinity, bottom = right;
        json.WriteStartObject();
        json.WriteNumber("id", id);
        json.WriteNumber("image_id", 1);
        json.WriteNumber("category_id", category);
        json.WriteNumber("iscrowd", 0);
        json.WriteStartArray("segmentation");
        json.WriteStartArray();
        foreach (var v in nucleus.Polygon.Exterior)
        {
            json.WriteNumberValue(Math.Round(v.X, 2));
            json.WriteNumberValue(Math.Round(v.Y, 2));
            (left, top, right, bottom) = (Math.Min(left, v.X), Math.Min(top, v.Y), Math.Max(right, v.X), Math.Max(bottom, v.Y));
        }

        json.WriteEndArray();
        json.WriteEndArray();
        json.WriteStartArray("bbox");
        json.WriteNumberValue(Math.Round(left, 2));
        json.WriteNumberValue(Math.Round(top, 2));
        json.WriteNumberValue(Math.Round(right - left, 2));
        json.WriteNumberValue(Math.Round(bottom - top, 2));
        json.WriteEndArray();
        json.WriteNumber("area", Math.Round(nucleus.AreaUm2 / pixelUm2, 2));
        json.WriteNumber("score", Math.Round(nucleus.Probability, 4));
        json.WriteEndObject();
    }
}
