using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>
/// Any number of made-up nuclei over a field, for benchmarks and tests of what comes after segmentation: ellipses of 20 vertices, one in each cell of a jittered square grid,
/// with numbers that agree with their shape. The same seed gives the same nuclei; nothing is held in memory.
/// </summary>
/// <param name="width">Width of the field, level-0 pixels.</param>
/// <param name="height">Height of the field, level-0 pixels.</param>
/// <param name="count">How many nuclei.</param>
/// <param name="mpp">um per pixel.</param>
/// <param name="seed">Seed.</param>
public sealed class SyntheticNucleusField(int width, int height, int count, double mpp = 0.25, int seed = 1)
{
    private const int Vertices = 20;
    private static readonly string[] s_classes = ["Nucleus", "Lymphocyte", "Tumor"];

    /// <summary>The nuclei, row by row of the grid.</summary>
    public IEnumerable<Nucleus> Nuclei()
    {
        var random = new Random(seed);
        double cell = Math.Sqrt(width * (double)height / count);
        int across = Math.Max(1, (int)Math.Round(width / cell));
        int down = (count + across - 1) / across;
        var (cellWidth, cellHeight) = (width / (double)across, height / (double)down);
        for (int i = 0; i < count; i++)
        {
            double x = ((i % across) + 0.3 + (0.4 * random.NextDouble())) * cellWidth;
            double y = ((i / across) + 0.3 + (0.4 * random.NextDouble())) * cellHeight;
            yield return Ellipse(x, y, (6 + (6 * random.NextDouble())) * 0.25 / mpp, 0.5 + (0.5 * random.NextDouble()), Math.PI * random.NextDouble(), random);
        }
    }

    private Nucleus Ellipse(double x, double y, double a, double ratio, double angle, Random random)
    {
        double b = a * ratio;
        var (sin, cos) = Math.SinCos(angle);
        var ring = new Vertex[Vertices];
        for (int i = 0; i < Vertices; i++)
        {
            var (v, u) = Math.SinCos(2 * Math.PI * i / Vertices);
            ring[i] = new Vertex(x + (a * u * cos) - (b * v * sin), y + (a * u * sin) + (b * v * cos));
        }

        double area = Math.PI * a * b;
        // Ramanujan 1914, first approximation of the circumference.
        double perimeter = Math.PI * ((3 * (a + b)) - Math.Sqrt(((3 * a) + b) * (a + (3 * b))));
        return new Nucleus
        {
            Anchor = ((long)Math.Round(x), (long)Math.Round(y)),
            Centroid = new Level0Point(x, y),
            Polygon = new Polygon(ring),
            AreaPixels = (int)Math.Round(area),
            AreaUm2 = area * mpp * mpp,
            PerimeterUm = perimeter * mpp,
            MajorAxisUm = 2 * a * mpp,
            MinorAxisUm = 2 * b * mpp,
            Eccentricity = Math.Sqrt(1 - (ratio * ratio)),
            Solidity = 0.9 + (0.1 * random.NextDouble()),
            Circularity = Math.Min(1, 4 * Math.PI * area / (perimeter * perimeter)),
            HaematoxylinMean = 0.2 + (0.6 * random.NextDouble()),
            EosinMean = 0.3 * random.NextDouble(),
            MeanRgb = (90 + (60 * random.NextDouble()), 60 + (60 * random.NextDouble()), 120 + (60 * random.NextDouble())),
            Probability = 0.5 + (0.5 * random.NextDouble()),
            Class = s_classes[random.Next(s_classes.Length)],
        };
    }
}
