using Microtome.Imaging;

namespace Microtome.Learning.Models;

/// <summary>What a network must answer to <see cref="Picture"/>. A model whose answer differs is not used: its files or its engine are not what they were.</summary>
/// <param name="Values">Outputs after the sigmoid at evenly spaced places of the flattened output.</param>
/// <param name="Tolerance">Largest accepted difference.</param>
public sealed record ModelSelfTest(IReadOnlyList<double> Values, double Tolerance)
{
    /// <summary>How many outputs are compared.</summary>
    public const int Count = 64;

    /// <summary>Side of the picture, pixels.</summary>
    public const int Side = 128;

    /// <summary>Stained-looking discs on a pale ground, in whole-number arithmetic, so that it is the same everywhere.</summary>
    public static RgbImage Picture()
    {
        var picture = new RgbImage(Side, Side);
        for (var y = 0; y < Side; y++)
        {
            for (var x = 0; x < Side; x++)
            {
                // Discs of radius 6 to 12 on a 32-pixel lattice; grain from a multiplicative hash.
                var (dx, dy) = ((x % 32) - 16, (y % 32) - 16);
                var radius = 6 + (((x / 32 * 5) + (y / 32 * 3)) % 7);
                var inside = (dx * dx) + (dy * dy) < radius * radius;
                var grain = (int)(unchecked(((uint)(y * Side) + (uint)x) * 2654435761u) >> 28);
                var pixel = picture.Row(y).Slice(3 * x, 3);
                pixel[0] = (byte)((inside ? 90 : 225) - grain);
                pixel[1] = (byte)((inside ? 60 : 180) - grain);
                pixel[2] = (byte)((inside ? 140 : 210) - grain);
            }
        }

        return picture;
    }

    /// <summary>Compares an answer.</summary>
    /// <returns>The largest difference; infinite when the answer is of another length or not a number.</returns>
    public double LargestDifference(IReadOnlyList<double> answer) =>
        answer.Count != Values.Count || answer.Any(double.IsNaN)
            ? double.PositiveInfinity
            : answer.Zip(Values, (a, b) => Math.Abs(a - b)).DefaultIfEmpty(0).Max();
}
