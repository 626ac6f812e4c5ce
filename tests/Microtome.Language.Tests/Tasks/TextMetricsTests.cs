namespace Microtome.Language.Tests;

public sealed class TextMetricsTests
{
    [Fact]
    public void Matthews_OfTwoClasses_IsTheRecordedCorrelation()
    {
        foreach (var row in Recorded.Json("metrics.json.gz").GetProperty("labels").EnumerateArray())
        {
            int[] Read(string name) => [.. row.GetProperty(name).EnumerateArray().Select(static e => e.GetInt32())];
            Assert.Equal(row.GetProperty("matthews").GetDouble(), TextMetrics.Matthews(Read("truth"), Read("predicted")), 12);
        }
    }

    [Fact]
    public void Scores_HaveTheRecordedCorrelations()
    {
        foreach (var row in Recorded.Json("metrics.json.gz").GetProperty("scores").EnumerateArray())
        {
            double[] Read(string name) => [.. row.GetProperty(name).EnumerateArray().Select(static e => e.GetDouble())];
            var measured = TextMetrics.Measure(TextTask.Named("STS-B"), Read("truth"), Read("predicted"));
            Assert.Equal(row.GetProperty("pearson").GetDouble(), measured["pearson"], 12);
            Assert.Equal(row.GetProperty("spearman").GetDouble(), measured["spearman"], 12);
        }
    }

    [Fact]
    public void ByHand()
    {
        int[] truth = [1, 1, 1, 0, 0, 0], predicted = [1, 1, 0, 1, 0, 0];
        Assert.Equal(4 / 6.0, TextMetrics.Accuracy(truth, predicted));
        Assert.Equal(4 / 6.0, TextMetrics.F1(truth, predicted));
        // (4 * 6 - 18) / sqrt(18 * 18)
        Assert.Equal(1 / 3.0, TextMetrics.Matthews(truth, predicted), 15);
        // Three classes: c = 3, s = 5, sum p t = 2*1 + 2*2 + 1*2 = 8, (15 - 8) / sqrt((25 - 9) (25 - 9)).
        Assert.Equal(7 / 16.0, TextMetrics.Matthews([0, 0, 1, 1, 2], [0, 1, 1, 2, 2]), 15);
        Assert.Equal(0, TextMetrics.Matthews([1, 1], [0, 1]));
        Assert.Equal(0, TextMetrics.F1([0, 0], [0, 0]));
        Assert.Equal(["f1", "accuracy"], TextMetrics.Measure(TextTask.Named("qqp"), truth, predicted).Keys);
    }
}
