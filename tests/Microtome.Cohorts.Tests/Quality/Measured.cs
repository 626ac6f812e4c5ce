using Microtome.Pathology;

namespace Microtome.Cohorts.Tests;

/// <summary>Measurements of made-up slides.</summary>
internal static class Measured
{
    public static CohortSlide Slide(int i, string type = "BRCA") => new($"S{i:000}", $"/slides/S{i:000}.svs", null, $"P{i / 2:000}", type);

    /// <summary>A slide whose nuclei are log-normal in area: median 30 um2, half of them within a factor 1.4; small differences between slides come from the seed.</summary>
    /// <param name="seed">Of the differences.</param>
    /// <param name="area">Factor on the areas.</param>
    /// <param name="density">Factor on nuclei per mm2.</param>
    /// <param name="distance">Factor on the distances.</param>
    /// <param name="spread">Factor on the width of the distribution of areas.</param>
    public static SlideQuality Quality(int seed, double area = 1, double density = 1, double distance = 1, double spread = 1)
    {
        var random = new Random(seed);
        double own = 1 + (0.06 * Normal(random)), crowd = 1 + (0.1 * Normal(random)), perMm2 = 4000 * density * crowd;
        var nuclei = new NucleusQuality
        {
            Count = 8000,
            PerMm2 = perMm2,
            AreaMeanUm2 = 33 * area * own,
            CoveredFraction = perMm2 * 33 * area * own / 1e6,
            OutsideFraction = 0,
            EdgeFraction = 0.04,
            FullSquares = 30,
            EmptySquareFraction = 0,
            Neighbours = 3000,
            TouchingFraction = 0.2,
        };
        for (int i = 0; i < 8000; i++)
        {
            nuclei.AreaLog2Um2.Add(Math.Log2(30 * area * own) + (0.5 * spread * Normal(random)));
            nuclei.HaematoxylinMeanOd.Add(0.9 + (0.2 * Normal(random)));
            nuclei.Probability.Add(0.88 + (0.04 * Normal(random)));
            nuclei.Solidity.Add(0.94 + (0.02 * Normal(random)));
            if (i < 3000)
                nuclei.NeighbourLog2Um.Add(Math.Log2(9 * distance / Math.Sqrt(crowd)) + (0.3 * Normal(random)));
        }

        return new SlideQuality
        {
            Slide = "x",
            Mpp = 0.25,
            MppSource = "Vendor",
            TissueAreaMm2 = 100,
            TissueFraction = 0.4,
            FoldFraction = 0.01,
            Focus = new FocusQuality { Mpp = 0.5, Tiles = 64, JudgedTiles = 64, SharpnessMedian = 0.3 * (1 + (0.05 * Normal(random))), SharpnessP05 = 0.25 * (1 + (0.05 * Normal(random))), BlurredFraction = 0 },
            Stain = new StainQuality { Pixels = 100_000, HaematoxylinMeanOd = 0.35 * (1 + (0.1 * Normal(random))), EosinMeanOd = 0.15, SaturationMean = 0.35, RedMean = 160, GreenMean = 110, BlueMean = 150, StainAngleDegrees = 34, ForeignFraction = 0.003 },
            Nuclei = nuclei,
        };
    }

    public static IReadOnlyList<(CohortSlide Slide, SlideQuality Quality)> Cohort(int count, string type = "BRCA", int first = 0) => [.. Enumerable.Range(first, count).Select(i => (Slide(i, type), Quality(i)))];

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
