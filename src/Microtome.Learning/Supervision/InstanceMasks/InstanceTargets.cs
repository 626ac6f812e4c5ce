using Microtome.Imaging;

namespace Microtome.Learning.Supervision.InstanceMasks;

/// <summary>Dense targets of an instance mask.</summary>
/// <param name="Distance">Distance to the border of the own instance divided by its largest value in that instance: 1 once per nucleus, 0 outside.</param>
/// <param name="Contact">1 where two instances are within <see cref="ContactReach"/> pixels of the same pixel: where touching nuclei must be split.</param>
public sealed record InstanceTargets(Raster<float> Distance, Raster<byte> Contact)
{
    /// <summary>How far an instance reaches beyond its border when contacts are sought, pixels.</summary>
    public const int ContactReach = 2;

    /// <summary>Computes the targets.</summary>
    public static InstanceTargets Compute(Raster<int> labels)
    {
        var distance = new Raster<float>(labels.Width, labels.Height);
        var contact = new Raster<byte>(labels.Width, labels.Height);
        foreach (var (label, box) in LabelBoxes.Of(labels))
        {
            // A margin on every side, so that the border of the instance lies inside the window unless the picture ends there.
            var x0 = Math.Max(box.X0 - ContactReach - 1, 0);
            var y0 = Math.Max(box.Y0 - ContactReach - 1, 0);
            var x1 = Math.Min(box.X1 + ContactReach + 1, labels.Width - 1);
            var y1 = Math.Min(box.Y1 + ContactReach + 1, labels.Height - 1);
            var mask = new Raster<byte>(x1 - x0 + 1, y1 - y0 + 1);
            for (var y = y0; y <= y1; y++)
            {
                for (var x = x0; x <= x1; x++)
                    mask[x - x0, y - y0] = labels[x, y] == label ? (byte)1 : (byte)0;
            }

            // An instance cut by the picture's edge goes on beyond it: distances count to the visible border only.
            var inside = DistanceTransform.ToBackground(mask);
            var largest = 0f;
            foreach (var value in inside.Samples)
                largest = MathF.Max(largest, value);
            for (var y = 0; y < mask.Height; y++)
            {
                for (var x = 0; x < mask.Width; x++)
                {
                    if (mask[x, y] != 0)
                        distance[x0 + x, y0 + y] = inside[x, y] / largest;
                    if (Reaches(mask, x, y))
                        contact[x0 + x, y0 + y]++;
                }
            }
        }

        foreach (ref var count in contact.Samples.AsSpan())
            count = count >= 2 ? (byte)1 : (byte)0;
        return new InstanceTargets(distance, contact);
    }

    private static bool Reaches(Raster<byte> mask, int x, int y)
    {
        for (var v = Math.Max(y - ContactReach, 0); v <= Math.Min(y + ContactReach, mask.Height - 1); v++)
        {
            for (var u = Math.Max(x - ContactReach, 0); u <= Math.Min(x + ContactReach, mask.Width - 1); u++)
            {
                if (mask[u, v] != 0)
                    return true;
            }
        }

        return false;
    }
}
