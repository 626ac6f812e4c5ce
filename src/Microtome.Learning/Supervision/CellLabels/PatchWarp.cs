using Microtome.Imaging;
using Microtome.Learning.Supervision.InstanceMasks;

namespace Microtome.Learning.Supervision.CellLabels;

/// <summary>An affine map between a patch and a field: where its pixels come from and where the field's cells go. The field is mirrored at its border, cells included.</summary>
internal sealed class PatchWarp
{
    private readonly int width, height, side;
    // Patch pixel (relative to its centre) to field: [a b; c d] + centre.
    private readonly double a, b, c, d, centreX, centreY;

    private PatchWarp(int width, int height, int side, double a, double b, double c, double d, double centreX, double centreY) =>
        (this.width, this.height, this.side, this.a, this.b, this.c, this.d, this.centreX, this.centreY) = (width, height, side, a, b, c, d, centreX, centreY);

    /// <summary>A random place, direction, mirror image, scale and shear.</summary>
    /// <param name="picture">The field.</param>
    /// <param name="side">Side of the patch, pixels.</param>
    /// <param name="extent">Side of the patch in pixels of the field before scaling.</param>
    /// <param name="options">How much it varies.</param>
    /// <param name="random">Draws.</param>
    public static PatchWarp Random(RgbImage picture, int side, double extent, AugmentationOptions options, Random random)
    {
        double Between(double least, double most) => least + (random.NextDouble() * (most - least));
        var step = extent / side / Math.Exp(Between(Math.Log(options.ScaleFrom), Math.Log(options.ScaleTo)));
        var (sin, cos) = Math.SinCos(random.NextDouble() * 2 * Math.PI);
        var mirror = random.Next(2) == 0 ? 1 : -1;
        var shear = Between(-options.Shear, options.Shear);
        var stretch = Between(1 - options.Shear, 1 + options.Shear);
        // Not nearer to the border than half a patch, so that little is mirrored.
        var reach = extent / 2;
        double Centre(int length) => Between(Math.Min(reach, length / 2.0), Math.Max(length - reach, length / 2.0));
        return new PatchWarp(picture.Width, picture.Height, side, cos * mirror * stretch * step, ((cos * shear) - sin) * step, sin * mirror * stretch * step, ((sin * shear) + cos) * step, Centre(picture.Width), Centre(picture.Height));
    }

    /// <summary>The cells whose centre lies in the patch, in its pixels.</summary>
    public List<Cell> Place(IReadOnlyList<Cell> cells)
    {
        var determinant = (a * d) - (b * c);
        var found = new List<Cell>();
        foreach (var cell in cells)
        {
            foreach (var x in (ReadOnlySpan<double>)[cell.X, -cell.X, (2 * width) - cell.X])
            {
                foreach (var y in (ReadOnlySpan<double>)[cell.Y, -cell.Y, (2 * height) - cell.Y])
                {
                    var (dx, dy) = (x - centreX, y - centreY);
                    var px = (((d * dx) - (b * dy)) / determinant) + (side / 2.0);
                    var py = (((a * dy) - (c * dx)) / determinant) + (side / 2.0);
                    if (px >= 0 && py >= 0 && px < side && py < side)
                        found.Add(new Cell((float)px, (float)py, cell.Kind));
                }
            }
        }

        return found;
    }

    /// <summary>Fills the planes of the patch, bilinearly: shape [3, side, side], 0..1.</summary>
    public void Sample(RgbImage picture, Span<float> planes)
    {
        var area = side * side;
        for (var y = 0; y < side; y++)
        {
            var v = y - (side / 2.0) + 0.5;
            for (var x = 0; x < side; x++)
            {
                var u = x - (side / 2.0) + 0.5;
                var sx = (a * u) + (b * v) + centreX - 0.5;
                var sy = (c * u) + (d * v) + centreY - 0.5;
                var (x0, y0) = ((int)Math.Floor(sx), (int)Math.Floor(sy));
                var (fx, fy) = ((float)(sx - x0), (float)(sy - y0));
                var (left, right) = (3 * Mirror(x0, width), 3 * Mirror(x0 + 1, width));
                ReadOnlySpan<byte> top = picture.Row(Mirror(y0, height)), bottom = picture.Row(Mirror(y0 + 1, height));
                float w00 = (1 - fx) * (1 - fy) / 255, w01 = fx * (1 - fy) / 255, w10 = (1 - fx) * fy / 255, w11 = fx * fy / 255;
                var at = (y * side) + x;
                for (var k = 0; k < 3; k++, at += area)
                    planes[at] = (w00 * top[left + k]) + (w01 * top[right + k]) + (w10 * bottom[left + k]) + (w11 * bottom[right + k]);
            }
        }
    }

    // Reflection about the border's edge, as the cells are.
    private static int Mirror(int i, int length)
    {
        var period = 2 * length;
        i = ((i % period) + period) % period;
        return i < length ? i : period - 1 - i;
    }
}
