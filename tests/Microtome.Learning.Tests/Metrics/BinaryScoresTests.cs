using Microtome.Learning.Metrics;

namespace Microtome.Learning.Tests.Metrics;

public class BinaryScoresTests
{
    public static TheoryData<int> Seeds { get; } = [.. Enumerable.Range(0, 50)];

    [Fact]
    public void Of_WorkedExample_GivesTheFiguresByHand()
    {
        // Above 0.5: 0.9 (1), 0.8 (0), 0.6 (1); below: 0.4 (1), 0.3 (0), 0.1 (0).
        var scores = BinaryScores.Of([0.9, 0.8, 0.6, 0.4, 0.3, 0.1], [1, 0, 1, 1, 0, 0], 0.5);

        Assert.Equal(2.0 / 3, scores.Precision, 12);
        Assert.Equal(2.0 / 3, scores.Recall, 12);
        Assert.Equal(2.0 / 3, scores.F1, 12);
        Assert.Equal(4.0 / 6, scores.Accuracy, 12);
        // Of 9 pairs the positive is higher in 3 + 2 + 2.
        Assert.Equal(7.0 / 9, scores.Auc, 12);
        // Six bins of one patch each: mean of |p - y|.
        Assert.Equal((0.1 + 0.8 + 0.4 + 0.6 + 0.3 + 0.1) / 6, scores.Ece, 12);
        Assert.Equal((6, 3), (scores.Count, scores.Positives));
    }

    [Fact]
    public void Of_ProbabilityAtTheThreshold_IsPositive() => Assert.Equal(1, BinaryScores.Of([0.5, 0.4], [1, 0], 0.5).Accuracy);

    [Fact]
    public void Of_OneClassOnly_HasNoAuc() => Assert.True(double.IsNaN(BinaryScores.Of([0.2, 0.7], [1, 1], 0.5).Auc));

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(1.01)]
    [InlineData(-0.1)]
    public void Of_WhatIsNoProbability_IsRefused(double value) => Assert.Throws<ArgumentException>(() => BinaryScores.Of([value], [1], 0.5));

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Auc_IsTheShareOfPairsInOrder(int seed)
    {
        // Few different scores, so that ties are frequent.
        var random = new Random(seed);
        double[] values = [.. Enumerable.Range(0, random.Next(1, 60)).Select(_ => (double)random.Next(7))];
        int[] labels = [.. values.Select(_ => random.Next(2))];
        double pairs = 0, right = 0;
        for (var i = 0; i < values.Length; i++)
        {
            for (var j = 0; j < values.Length; j++)
            {
                if (labels[i] != 1 || labels[j] != 0)
                    continue;
                pairs++;
                right += values[i] > values[j] ? 1 : values[i] == values[j] ? 0.5 : 0;
            }
        }

        var auc = BinaryScores.AreaUnderCurve(values, labels);
        Assert.Equal(pairs == 0 ? double.NaN : right / pairs, auc, 12);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Youden_NoThresholdIsBetter(int seed)
    {
        var random = new Random(seed);
        double[] values = [.. Enumerable.Range(0, random.Next(2, 60)).Select(_ => random.Next(40) / 40.0)];
        int[] labels = [.. values.Select((_, i) => i < 2 ? i : random.Next(2))];
        double Gain(double threshold)
        {
            var judged = BinaryScores.Of(values, labels, threshold);
            double negatives = judged.Count - judged.Positives, falsePositives = negatives - (judged.Accuracy * judged.Count - (judged.Recall * judged.Positives));
            return judged.Recall - (falsePositives / negatives);
        }

        var best = Gain(BinaryScores.YoudenThreshold(values, labels));
        Assert.All(values, v => Assert.True(Gain(v) <= best + 1e-9, $"{v}"));
    }

    [Fact]
    public void Platt_OfScaledLogOdds_UndoesTheScaling()
    {
        // Labels drawn by the true probability; what is given is twice the log-odds less one.
        var random = new Random(3);
        double[] truth = [.. Enumerable.Range(0, 40000).Select(_ => (random.NextDouble() * 6) - 3)];
        int[] labels = [.. truth.Select(z => random.NextDouble() < 1 / (1 + Math.Exp(-z)) ? 1 : 0)];

        var scaling = PlattScaling.Fit([.. truth.Select(z => (2 * z) - 1)], labels);

        Assert.Equal(0.5, scaling.Slope, 0.02);
        Assert.Equal(0.5, scaling.Offset, 0.04);
    }

    [Fact]
    public void Platt_OfClassesThatAreApart_StaysFinite()
    {
        var scaling = PlattScaling.Fit([-8, -7, -9, 7, 8, 9], [0, 0, 0, 1, 1, 1]);

        Assert.True(double.IsFinite(scaling.Slope) && double.IsFinite(scaling.Offset));
        Assert.True(scaling.Slope > 0);
    }

    [Fact]
    public void Bootstrap_OfAMeanOverEqualPatients_HasTheWidthOfTheirSpread()
    {
        // 50 patients with ten equal items each: the mean varies as that of 50 numbers, not of 500.
        var random = new Random(5);
        var values = Enumerable.Range(0, 50).SelectMany(p => Enumerable.Repeat((Patient: $"p{p}", Value: random.NextDouble()), 10)).ToList();
        string[] patients = [.. values.Select(v => v.Patient)];

        var (low, high) = GroupedBootstrap.Interval(patients, items => items.Average(i => values[i].Value), 2000);

        var expected = 2 * 1.96 * Math.Sqrt(1.0 / 12 / 50);
        Assert.InRange(high - low, expected * 0.75, expected * 1.25);
        Assert.Equal((low, high), GroupedBootstrap.Interval(patients, items => items.Average(i => values[i].Value), 2000));
    }
}
