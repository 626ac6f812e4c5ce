using Microtome.Imaging;

namespace Microtome.Learning.Tests;

public class NucleusMetricsTests
{
    [Fact]
    public void Evaluate_HandComputedCase_EqualsThePencil()
    {
        // Object 1: 4 px, found with 3 of them and 1 px beside: IoU 3/5. Object 2: 2 px, found with 1 px of its own: IoU 1/2, no match.
        var truth = Parse("11110000", "00000022");
        var predicted = Parse("08888000", "00000090");
        var scores = NucleusMetrics.Evaluate(truth, predicted, detectionRadius: 0.6);
        Assert.Equal(2.0 * 4 / (6 + 5), scores.Dice, 12);
        Assert.Equal(4.0 / 7, scores.Aji, 12); // (3 + 1) / (5 + 2)
        Assert.Equal(0.5, scores.Dq, 12);
        Assert.Equal(0.6, scores.Sq, 12);
        Assert.Equal(0.3, scores.Pq, 12);
        Assert.Equal(0.5, scores.F1, 12);
        Assert.Equal(0.5, scores.DetectionF1, 12); // centres 1 px and 0.5 px apart
        Assert.Equal(1.0, NucleusMetrics.Evaluate(truth, predicted, detectionRadius: 1).DetectionF1, 12);
    }

    [Fact]
    public void Evaluate_MergedNuclei_AjiLetsBothTakeTheSamePrediction()
    {
        // One prediction over two nuclei: both choose it, so the union counts it twice; Dice does not see the merge.
        var scores = NucleusMetrics.Evaluate(Parse("112222"), Parse("555555"));
        Assert.Equal(1, scores.Dice, 12);
        Assert.Equal(6.0 / 12, scores.Aji, 12);
        Assert.Equal(2.0 * (4.0 / 6) / 3, scores.Pq, 12);
    }

    [Fact]
    public void Evaluate_UnusedPredictionAndMissedNucleus_AddToTheUnion()
    {
        var scores = NucleusMetrics.Evaluate(Parse("1100220"), Parse("3300004"));
        Assert.Equal(2.0 / (2 + 2 + 1), scores.Aji, 12);
        Assert.Equal(0.5, scores.Pq, 12);
    }

    [Theory]
    [InlineData("0000", "0000", 1)]
    [InlineData("0110", "0000", 0)]
    [InlineData("0000", "0110", 0)]
    [InlineData("0120", "0430", 1)]
    public void Evaluate_EmptyOrIdentical_IsOneOrZero(string truth, string predicted, double expected)
    {
        var scores = NucleusMetrics.Evaluate(Parse(truth), Parse(predicted));
        Assert.Equal(
            [expected, expected, expected, expected, expected, expected, expected],
            [scores.Dice, scores.Aji, scores.Pq, scores.Dq, scores.Sq, scores.F1, scores.DetectionF1]);
    }

    [Fact]
    public void Evaluate_DetectionWithTwoCandidates_MatchesOneToOneNearestFirst()
    {
        var truth = new Raster<int>(60, 1);
        var predicted = new Raster<int>(60, 1);
        (truth[10, 0], truth[20, 0]) = (1, 2);
        (predicted[14, 0], predicted[40, 0]) = (1, 2);
        Assert.Equal(2.0 / 4, NucleusMetrics.Evaluate(truth, predicted).DetectionF1, 12);
        predicted[8, 0] = 3; // 14 and 8 compete for 10: 8 is nearer, 14 stays for 20
        Assert.Equal(2.0 * 2 / 5, NucleusMetrics.Evaluate(truth, predicted).DetectionF1, 12);
    }

    [Fact]
    public void Evaluate_DifferentSizes_SaysBoth()
    {
        var error = Assert.Throws<ArgumentException>(() => NucleusMetrics.Evaluate(new Raster<int>(3, 4), new Raster<int>(4, 3)));
        Assert.Contains("3 x 4", error.Message, StringComparison.Ordinal);
        Assert.Contains("4 x 3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_NegativeLabel_IsRefused() =>
        Assert.Throws<ArgumentException>(() => NucleusMetrics.Evaluate(new Raster<int>(1, 1, [-3]), new Raster<int>(1, 1)));

    // Recorded with: python3 record_scores.py (numpy, whole masks).
    [Theory]
    [InlineData(7, 60, 128, 1, 0, 56, 58, 0.872613946241, 0.676065488565, 0.537558735459, 0.771929824561, 0.6963829073, 0.982456140351)]
    [InlineData(99, 90, 160, 2, 5, 86, 71, 0.695184458647, 0.374358176443, 0.196186299783, 0.28025477707, 0.700028387862, 0.904458598726)]
    [InlineData(1234, 40, 200, 1, 3, 40, 27, 0.71567436209, 0.461074996036, 0.482923254133, 0.686567164179, 0.703388217976, 0.805970149254)]
    public void Evaluate_Discs_EqualsNumpy(
        long seed, int count, int size, int jitter, int drop, long t, long p, double dice, double aji, double pq, double dq, double sq, double detection)
    {
        var scores = NucleusMetrics.Evaluate(Discs.Draw(seed, count, size), Discs.Draw(seed, count, size, jitter, drop));
        Assert.Equal((t, p), (scores.TruthObjects, scores.PredictedObjects));
        Assert.Equal(dice, scores.Dice, 10);
        Assert.Equal(aji, scores.Aji, 10);
        Assert.Equal(pq, scores.Pq, 10);
        Assert.Equal(dq, scores.Dq, 10);
        Assert.Equal(sq, scores.Sq, 10);
        Assert.Equal(dq, scores.F1, 10);
        Assert.Equal(detection, scores.DetectionF1, 10);
    }

    [Fact]
    public void Evaluate_LabelsPermutedAndSpreadOut_ScoresAreTheSame()
    {
        var random = new Random(5);
        for (var round = 0; round < 20; round++)
        {
            var truth = Discs.Draw(round + 1, 50, 96);
            var predicted = Discs.Draw(round + 1, 50, 96, 1 + (round % 3), 4);
            var expected = NucleusMetrics.Evaluate(truth, predicted);
            Assert.Equal(expected, NucleusMetrics.Evaluate(Permute(truth, random), Permute(predicted, random)));
        }
    }

    [Fact]
    public void Evaluate_RandomSmallRasters_EqualsBruteForce()
    {
        var random = new Random(11);
        for (var round = 0; round < 300; round++)
        {
            var (width, height) = (random.Next(1, 9), random.Next(1, 9));
            var truth = new Raster<int>(width, height);
            var predicted = new Raster<int>(width, height);
            for (var i = 0; i < width * height; i++)
            {
                truth.Samples[i] = random.Next(4);
                predicted.Samples[i] = random.Next(4);
            }

            var (dice, aji, pq) = BruteForce(truth.Samples, predicted.Samples);
            var scores = NucleusMetrics.Evaluate(truth, predicted);
            Assert.Equal(dice, scores.Dice, 12);
            Assert.Equal(aji, scores.Aji, 12);
            Assert.Equal(pq, scores.Pq, 12);
            Assert.Equal(scores.Dq * scores.Sq, scores.Pq, 12);
        }
    }

    [Fact]
    public void Pool_TwoImages_EqualsOneImageSideBySide()
    {
        var (a, b) = (Discs.Draw(3, 30, 80), Discs.Draw(3, 30, 80, 1, 3));
        var (c, d) = (Discs.Draw(4, 20, 80), Discs.Draw(4, 20, 80, 2));
        var pooled = NucleusTally.Pool([NucleusMetrics.Count(a, b, 2), NucleusMetrics.Count(c, d, 2)]).Scores;
        var joined = NucleusMetrics.Evaluate(SideBySide(a, c), SideBySide(b, d), 2);
        Assert.Equal(joined.Dice, pooled.Dice, 12);
        Assert.Equal(joined.Aji, pooled.Aji, 12);
        Assert.Equal(joined.Pq, pooled.Pq, 12);
        Assert.Equal(joined.DetectionF1, pooled.DetectionF1, 12);
    }

    [Fact]
    public void Mean_TwoImages_WeighsImagesEqually()
    {
        var mean = NucleusScores.Mean([new NucleusScores { Dice = 1, Aji = 0.2, TruthObjects = 3 }, new NucleusScores { Dice = 0.5, Aji = 0.4, TruthObjects = 5 }]);
        Assert.Equal((0.75, 8L), (mean.Dice, mean.TruthObjects));
        Assert.Equal(0.3, mean.Aji, 12);
        Assert.Throws<ArgumentException>(() => NucleusScores.Mean([]));
    }

    private static Raster<int> Parse(params string[] rows)
    {
        var raster = new Raster<int>(rows[0].Length, rows.Length);
        for (var y = 0; y < rows.Length; y++)
        {
            for (var x = 0; x < rows[y].Length; x++)
                raster[x, y] = rows[y][x] - '0';
        }

        return raster;
    }

    private static Raster<int> Permute(Raster<int> labels, Random random)
    {
        var names = new Dictionary<int, int> { [0] = 0 };
        var result = new Raster<int>(labels.Width, labels.Height);
        var spread = random.Next(2) == 0 ? 1000 : 20_000_000; // small and huge labels take different tables
        for (var i = 0; i < labels.Samples.Length; i++)
        {
            if (!names.TryGetValue(labels.Samples[i], out var name))
            {
                do
                    name = random.Next(1, 100) * spread;
                while (names.ContainsValue(name));
                names[labels.Samples[i]] = name;
            }

            result.Samples[i] = name;
        }

        return result;
    }

    private static Raster<int> SideBySide(Raster<int> left, Raster<int> right)
    {
        var result = new Raster<int>(left.Width + right.Width, left.Height);
        for (var y = 0; y < left.Height; y++)
        {
            left.Row(y).CopyTo(result.Row(y));
            for (var x = 0; x < right.Width; x++)
                result[left.Width + x, y] = right[x, y] == 0 ? 0 : right[x, y] + 1_000_000;
        }

        return result;
    }

    private static (double Dice, double Aji, double Pq) BruteForce(int[] truth, int[] predicted)
    {
        var pixels = Enumerable.Range(0, truth.Length).ToArray();
        // Objects in the order of their first pixel: the order that settles equal IoUs.
        var ts = truth.Where(v => v > 0).Distinct().ToArray();
        var ps = predicted.Where(v => v > 0).Distinct().ToArray();
        int Inter(int t, int p) => pixels.Count(i => truth[i] == t && predicted[i] == p);
        int Union(int t, int p) => pixels.Count(i => truth[i] == t || predicted[i] == p);
        var foreground = truth.Count(v => v > 0) + predicted.Count(v => v > 0);
        var dice = foreground == 0 ? 1 : 2.0 * pixels.Count(i => truth[i] > 0 && predicted[i] > 0) / foreground;
        double inter = 0, union = 0, iouSum = 0;
        var used = new HashSet<int>();
        foreach (var t in ts)
        {
            var best = ps.Where(p => Inter(t, p) > 0).OrderByDescending(p => (double)Inter(t, p) / Union(t, p)).FirstOrDefault();
            union += best == 0 ? truth.Count(v => v == t) : Union(t, best);
            inter += best == 0 ? 0 : Inter(t, best);
            if (best != 0)
                used.Add(best);
            iouSum += ps.Select(p => (double)Inter(t, p) / Union(t, p)).Where(v => v > 0.5).Sum();
        }

        union += ps.Where(p => !used.Contains(p)).Sum(p => predicted.Count(v => v == p));
        return (dice, union == 0 ? 1 : inter / union, ts.Length + ps.Length == 0 ? 1 : 2 * iouSum / (ts.Length + ps.Length));
    }
}
