using Microtome.Imaging;
using Microtome.Learning;

namespace Microtome.Pathology;

/// <summary>
/// Experiment E1 of the nuclei method page (section 10): what post-processing alone does to ideal maps with missed, shifted and false detections.
/// </summary>
public static class NucleusPostprocessingExperiment
{
    private static readonly (string Name, Func<Sample, Raster<int>> Segment)[] Variants =
    [
        ("a threshold and components", s => ConnectedComponents.Label(Mask(s.Segmentation)).Labels),
        ("b seeded, no recall, as coded", s => SeededWatershed.Segment(s.Segmentation, s.Detection, new() { Recall = false, AsCoded = true }).Labels),
        ("c full, as coded", s => SeededWatershed.Segment(s.Segmentation, s.Detection, new() { AsCoded = true }).Labels),
        ("d full, mistakes mended", s => SeededWatershed.Segment(s.Segmentation, s.Detection).Labels),
        ("e as d, compactness 0", s => SeededWatershed.Segment(s.Segmentation, s.Detection, new() { Compactness = 0 }).Labels),
        ("f ours (its own input: an ideal distance map)", s => new NucleusWatershed().Segment(s.Maps)),
    ];

    /// <summary>One row of the table: means over the images, and half the width of their 95 % interval (normal approximation).</summary>
    /// <param name="Variant">What was done.</param>
    /// <param name="F1">Object F1 at IoU above 0.5.</param>
    /// <param name="F1Interval">Half width.</param>
    /// <param name="Aji">Aggregated Jaccard index.</param>
    /// <param name="AjiInterval">Half width.</param>
    /// <param name="Dice">Dice of the foreground.</param>
    /// <param name="DiceInterval">Half width.</param>
    public sealed record Row(string Variant, double F1, double F1Interval, double Aji, double AjiInterval, double Dice, double DiceInterval);

    /// <summary>Runs it.</summary>
    /// <param name="images">Number of images of 256 x 256 px.</param>
    /// <param name="seed">Seed.</param>
    /// <param name="cancellation">Stops it.</param>
    public static IReadOnlyList<Row> Run(int images, int seed, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(images);
        var scores = new NucleusScores[Variants.Length][];
        for (var v = 0; v < Variants.Length; v++)
            scores[v] = new NucleusScores[images];
        for (var i = 0; i < images; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var sample = Sample.Make((seed * 1_000_003) + i);
            for (var v = 0; v < Variants.Length; v++)
                scores[v][i] = NucleusMetrics.Evaluate(sample.Truth, Variants[v].Segment(sample));
        }

        return [.. Variants.Select((variant, v) =>
        {
            var (f1, f1Interval) = MeanAndInterval(scores[v], s => s.F1);
            var (aji, ajiInterval) = MeanAndInterval(scores[v], s => s.Aji);
            var (dice, diceInterval) = MeanAndInterval(scores[v], s => s.Dice);
            return new Row(variant.Name, f1, f1Interval, aji, ajiInterval, dice, diceInterval);
        })];
    }

    private static (double Mean, double HalfWidth) MeanAndInterval(NucleusScores[] scores, Func<NucleusScores, double> value)
    {
        var mean = scores.Average(value);
        var variance = scores.Length < 2 ? 0 : scores.Sum(s => Math.Pow(value(s) - mean, 2)) / (scores.Length - 1);
        return (mean, 1.96 * Math.Sqrt(variance / scores.Length));
    }

    private static Raster<byte> Mask(Raster<byte> segmentation)
    {
        var mask = new Raster<byte>(segmentation.Width, segmentation.Height);
        for (var i = 0; i < mask.Samples.Length; i++)
            mask.Samples[i] = segmentation.Samples[i] > 0.33 * 255 ? (byte)1 : (byte)0;
        return mask;
    }

    private sealed record Sample(Raster<int> Truth, Raster<byte> Segmentation, Raster<byte> Detection, ByteMaps Maps)
    {
        private const int Side = 256;

        public static Sample Make(int seed)
        {
            var random = new Random(seed);
            var nuclei = new SyntheticNuclei(Side, Side, random.Next(40, 121), seed);
            var maps = nuclei.Maps(seed, noise: 0.04, contact: 0.45);
            var segmentation = new Raster<byte>(Side, Side, maps.Channel(NucleusMaps.Foreground).ToArray());
            return new Sample(nuclei.Labels, segmentation, Detections(nuclei, random), maps);
        }

        /// <summary>Blobs at the centres: 15 % missed, the rest shifted by up to a pixel; 10 % false ones, half of them on background.</summary>
        private static Raster<byte> Detections(SyntheticNuclei nuclei, Random random)
        {
            var centres = new List<(double X, double Y)>();
            foreach (var (x, y) in nuclei.Centres)
            {
                var (kept, dx, dy) = (random.NextDouble() >= 0.15, random.Next(-1, 2), random.Next(-1, 2));
                if (kept)
                    centres.Add((x + dx, y + dy));
            }

            var wrong = (int)Math.Round(0.1 * nuclei.Count);
            for (var k = 0; k < wrong; k++)
            {
                var onBackground = k % 2 == 0;
                int x, y;
                do
                    (x, y) = (random.Next(Side), random.Next(Side));
                while ((nuclei.Labels[x, y] == 0) != onBackground);
                centres.Add((x, y));
            }

            var map = new Raster<float>(Side, Side);
            foreach (var (cx, cy) in centres)
            {
                for (var y = Math.Max(0, (int)cy - 6); y <= Math.Min(Side - 1, (int)cy + 6); y++)
                {
                    for (var x = Math.Max(0, (int)cx - 6); x <= Math.Min(Side - 1, (int)cx + 6); x++)
                        map[x, y] = Math.Max(map[x, y], (float)(0.9 * Math.Exp(-(Math.Pow(x + 0.5 - cx, 2) + Math.Pow(y + 0.5 - cy, 2)) / (2 * 1.2 * 1.2))));
                }
            }

            var bytes = new Raster<byte>(Side, Side);
            NucleusMaps.Quantise(map.Samples, bytes.Samples);
            return bytes;
        }
    }
}
