using System.Globalization;
using System.Text;
using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>Tables of classified patches in WSInfer's layouts (tumor-til, section 6.7). Files appear under their name when they are complete.</summary>
public static class PatchFiles
{
    /// <summary>Writes <c>minx,miny,width,height,prob_CLASS,...</c>, level-0 pixels; probabilities with as many digits as tell them apart.</summary>
    /// <param name="path">The file.</param>
    /// <param name="classes">The classes.</param>
    /// <param name="patches">The patches.</param>
    /// <param name="probabilities">Shape [patches, classes].</param>
    /// <exception cref="IOException">The folder cannot be written or the disk is full.</exception>
    public static void WriteCsv(string path, IReadOnlyList<string> classes, IReadOnlyList<Level0Rect> patches, ReadOnlyMemory<float> probabilities) => AtomicFile.Write(path, temporary =>
    {
        using var file = new StreamWriter(temporary, append: false, new UTF8Encoding(false), 1 << 16);
        file.Write("minx,miny,width,height");
        foreach (string name in classes)
            file.Write(",prob_" + name);
        file.Write('\n');
        for (int i = 0; i < patches.Count; i++)
        {
            var patch = patches[i];
            file.Write(string.Create(CultureInfo.InvariantCulture, $"{patch.X},{patch.Y},{patch.Width},{patch.Height}"));
            foreach (float value in probabilities.Span.Slice(i * classes.Count, classes.Count))
                file.Write(string.Create(CultureInfo.InvariantCulture, $",{value}"));
            file.Write('\n');
        }
    });

    /// <summary>Writes QuPath tiles, locked, with the measurements <c>prob_CLASS</c>; rings begin at the upper right corner as WSInfer's do.</summary>
    /// <param name="path">The file.</param>
    /// <param name="table">What is written.</param>
    /// <param name="slide">What the objects' identities derive from: the slide's name and the task.</param>
    /// <exception cref="IOException">The folder cannot be written or the disk is full.</exception>
    public static void WriteGeoJson(string path, PatchTable table, string slide) => AtomicFile.Write(path, temporary =>
    {
        using var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
        using var writer = new GeoJsonWriter(file, slide);
        double halfWidth = (table.PatchWidth ?? 0) / 2, halfHeight = (table.PatchHeight ?? 0) / 2;
        for (int i = 0; i < table.Count; i++)
        {
            double left = table.CentreX[i] - halfWidth, right = table.CentreX[i] + halfWidth, top = table.CentreY[i] - halfHeight, bottom = table.CentreY[i] + halfHeight;
            writer.Write(new GeoJsonFeature
            {
                Polygons = [new Polygon([new(right, top), new(right, bottom), new(left, bottom), new(left, top)])],
                ObjectType = "tile",
                IsLocked = true,
                Measurements = [.. table.Classes.Select((name, k) => KeyValuePair.Create("prob_" + name, table.Probabilities[(i * table.Classes.Count) + k]))],
            });
        }

        writer.Complete();
    });
}
