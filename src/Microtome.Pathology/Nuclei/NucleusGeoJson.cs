using System.IO.Compression;
using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>Nuclei as QuPath detections: gzipped GeoJSON, streamed. The same nuclei give the same bytes (the gzip header holds no time and no name).</summary>
public static class NucleusGeoJson
{
    /// <summary>Writes the file; it appears under its name when it is complete.</summary>
    /// <param name="path">The file; gzipped when the name ends in <c>.gz</c>.</param>
    /// <param name="nuclei">The nuclei, read once.</param>
    /// <param name="slide">What the objects' identities derive from: the slide's name.</param>
    /// <param name="cancellation">Stops the writing; nothing is left.</param>
    /// <returns>Number of nuclei.</returns>
    /// <exception cref="IOException">The folder cannot be written or the disk is full.</exception>
    public static long Write(string path, IEnumerable<Nucleus> nuclei, string slide, CancellationToken cancellation = default)
    {
        long count = 0;
        AtomicFile.Write(path, temporary =>
        {
            using var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
            if (path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
            {
                using var gzip = new GZipStream(file, CompressionLevel.Fastest);
                using var ahead = new WriteBehindStream(gzip);
                count = Write(ahead, nuclei, slide, cancellation);
                ahead.Complete();
            }
            else
            {
                count = Write(file, nuclei, slide, cancellation);
            }
        });
        return count;
    }

    private static long Write(Stream stream, IEnumerable<Nucleus> nuclei, string slide, CancellationToken cancellation)
    {
        var columns = NucleusColumns.All;
        using var writer = new GeoJsonWriter(stream, slide + "/nuclei");
        var measurements = new KeyValuePair<string, double>[columns.Count];
        var polygons = new Polygon[1];
        foreach (var nucleus in nuclei)
        {
            if ((writer.Count & 0xFFF) == 0)
                cancellation.ThrowIfCancellationRequested();
            polygons[0] = nucleus.Polygon;
            for (var i = 0; i < columns.Count; i++)
                measurements[i] = new(columns[i].Name, Math.Round(columns[i].Value(nucleus), 4));
            writer.Write(new GeoJsonFeature { Polygons = polygons, ObjectType = "detection", ClassName = nucleus.Class, Measurements = measurements });
        }

        writer.Complete();
        return writer.Count;
    }
}
