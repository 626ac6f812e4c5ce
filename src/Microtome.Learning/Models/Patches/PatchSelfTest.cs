using Microtome.Imaging;

namespace Microtome.Learning.Models;

/// <summary>What a patch classifier must answer to <see cref="Pictures"/>: a model whose answer differs is not used.</summary>
/// <param name="Values">Outputs before softmax or sigmoid, shape [<see cref="Count"/>, Classes], flattened.</param>
/// <param name="Tolerance">Largest accepted difference, relative to the value where that is above 1.</param>
public sealed record PatchSelfTest(IReadOnlyList<double> Values, double Tolerance = 1e-3)
{
    /// <summary>How many pictures there are.</summary>
    public const int Count = 4;

    /// <summary>Stained-looking discs on a pale ground, from few and small to many and dark, in whole-number arithmetic, so that they are the same everywhere.</summary>
    /// <param name="width">Width, pixels.</param>
    /// <param name="height">Height, pixels.</param>
    public static IReadOnlyList<RgbImage> Pictures(int width, int height) => [.. Enumerable.Range(0, Count).Select(variant => Picture(width, height, variant))];

    /// <summary>Compares an answer.</summary>
    /// <returns>The largest difference; infinite when the answer is of another length or not a finite number.</returns>
    public double LargestDifference(IReadOnlyList<double> answer) =>
        answer.Count != Values.Count || !answer.All(double.IsFinite)
            ? double.PositiveInfinity
            : answer.Zip(Values, static (a, b) => Math.Abs(a - b) / Math.Max(1, Math.Abs(b))).DefaultIfEmpty(0).Max();

    private static RgbImage Picture(int width, int height, int variant)
    {
        var picture = new RgbImage(width, height);
        var lattice = 40 - (8 * variant);
        for (var y = 0; y < height; y++)
        {
            var row = picture.Row(y);
            for (var x = 0; x < width; x++)
            {
                var (dx, dy) = ((x % lattice) - (lattice / 2), (y % lattice) - (lattice / 2));
                var radius = 3 + (((x / lattice * 5) + (y / lattice * 3)) % 6);
                var inside = (dx * dx) + (dy * dy) < radius * radius;
                var grain = (int)(unchecked(((uint)(y * width) + (uint)x) * 2654435761u) >> 28);
                row[3 * x] = (byte)((inside ? 90 - (10 * variant) : 225 - (12 * variant)) - grain);
                row[(3 * x) + 1] = (byte)((inside ? 60 : 180 - (20 * variant)) - grain);
                row[(3 * x) + 2] = (byte)((inside ? 140 - (5 * variant) : 210 - (8 * variant)) - grain);
            }
        }

        return picture;
    }
}
