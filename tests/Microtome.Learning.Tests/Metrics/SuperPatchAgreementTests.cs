using Microtome.Learning.Metrics;

namespace Microtome.Learning.Tests.Metrics;

public class SuperPatchAgreementTests
{
    [Fact]
    public void Counts_OfAMap_TakeWholeSuperPatchesAndKeepUnknownOutOfTheTissue()
    {
        const int width = 17, height = 9;
        var judged = new bool?[width * height];
        // The second super-patch: 3 positive, 7 negative, the rest unknown. The 17th column and the 9th row belong to none.
        for (int i = 0; i < 10; i++)
            judged[8 + (i % 8) + (i / 8 * width)] = i < 3;
        judged[16] = judged[8 * width] = true;

        var counts = SuperPatchAgreement.Counts(judged, width, height);

        Assert.Equal([new SuperPatchCount(0, 0, 0, 0), new SuperPatchCount(8, 0, 3, 10)], counts);
        Assert.Equal(19, counts[1].Bin);
        Assert.Equal(0, counts[0].Bin);
        Assert.Equal(64, new SuperPatchCount(0, 0, 5, 5).Bin);
    }

    [Fact]
    public void Sample_OfManySuperPatches_CoversEveryBinAndNoneTwice()
    {
        var counts = Enumerable.Range(0, 640).Select(static i => new SuperPatchCount(i, 0, i % 65, 64)).Append(new SuperPatchCount(-1, 0, 0, 0)).ToList();

        var sample = SuperPatchAgreement.Sample(counts, 5, seed: 3);

        Assert.Equal(65, sample.Select(static c => c.Bin).Distinct().Count());
        Assert.All(sample.GroupBy(static c => c.Bin), static g => Assert.Equal(5, g.Count()));
        Assert.Equal(sample.Count, sample.Distinct().Count());
        Assert.DoesNotContain(sample, static c => c.Tissue == 0);
    }

    [Theory]
    [InlineData(new[] { 1, 1, 2, 2 }, 2)]
    [InlineData(new[] { 2, 3 }, 2)]
    [InlineData(new[] { 3, 4, 0 }, 3)]
    [InlineData(new[] { 1, 2, 3, 3 }, 2)]
    [InlineData(new[] { 1, 3, 3, 3 }, 2)]
    [InlineData(new[] { 3, 3, 3, 2 }, 3)]
    public void Label_OfScores_IsTheMeanOfTheValidOnesHalvesToEven(int[] scores, int expected) =>
        Assert.Equal(expected, SuperPatchAgreement.Label(scores.Select(static s => s == 0 ? (int?)null : s)));

    [Fact]
    public void Label_WithoutAnyScore_IsNone() => Assert.Null(SuperPatchAgreement.Label([null, 4, null]));

    [Fact]
    public void Agreement_WithBlanks_IsThatOfTheScoredOnesAlone()
    {
        var (rho, polyserial, scored) = SuperPatchAgreement.Agreement([5, 60, 30, 10, 0, 64], [1, 3, 2, 1, null, null]);

        Assert.Equal(4, scored);
        Assert.Equal(RankCorrelation.Spearman([5, 60, 30, 10], [1, 3, 2, 1]), rho);
        Assert.Equal(RankCorrelation.Polyserial([5, 60, 30, 10], [1, 3, 2, 1]), polyserial);
    }
}
