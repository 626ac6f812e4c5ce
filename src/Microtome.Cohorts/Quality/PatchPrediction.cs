using Microtome.Imaging;
using Microtome.Pathology;

namespace Microtome.Cohorts;

/// <summary>The nuclei of a slide's GeoPackage in a patch.</summary>
public static class PatchPrediction
{
    /// <summary>Labels 1, 2, ... in the order of the file, shape [side, side], 0 = background; a pixel belongs to the outline that holds its centre, the first one where two do.</summary>
    /// <param name="geoPackage">nuclei.gpkg.</param>
    /// <param name="patch">The patch.</param>
    /// <param name="side">Its side, pixels.</param>
    public static Raster<int> Labels(string geoPackage, SampledPatch patch, int side)
    {
        var labels = new Raster<int>(side, side);
        double scaleX = side / patch.Width, scaleY = side / patch.Height;
        int next = 1;
        foreach (var nucleus in NucleusGeoPackageReader.Read(geoPackage, Rectangle(patch)))
        {
            var outline = nucleus.Polygon.Transform(scaleX, scaleY, -patch.X * scaleX, -patch.Y * scaleY);
            var (left, top, right, bottom) = outline.Bounds;
            int x0 = Math.Max(0, (int)Math.Floor(left)), y0 = Math.Max(0, (int)Math.Floor(top)), x1 = Math.Min(side, (int)Math.Ceiling(right)), y1 = Math.Min(side, (int)Math.Ceiling(bottom));
            if (x0 >= x1 || y0 >= y1)
                continue;
            var box = new Raster<byte>(x1 - x0, y1 - y0);
            PolygonRasterizer.Fill(box, outline.Transform(1, 1, -x0, -y0), (byte)1);
            bool painted = false;
            for (int y = 0; y < box.Height; y++)
            {
                var row = labels.Row(y0 + y);
                for (int x = 0; x < box.Width; x++)
                {
                    if (box[x, y] == 0 || row[x0 + x] != 0)
                        continue;
                    row[x0 + x] = next;
                    painted = true;
                }
            }

            next += painted ? 1 : 0;
        }

        return labels;
    }

    /// <summary>The number of nuclei whose centre lies in a patch.</summary>
    public static int Count(string geoPackage, SampledPatch patch) => NucleusGeoPackageReader.Read(geoPackage, Rectangle(patch))
        .Count(n => n.Centroid.X >= patch.X && n.Centroid.Y >= patch.Y && n.Centroid.X < patch.X + patch.Width && n.Centroid.Y < patch.Y + patch.Height);

    private static Level0Rect Rectangle(SampledPatch patch) => new(patch.X, patch.Y, (long)Math.Ceiling(patch.Width), (long)Math.Ceiling(patch.Height));
}
