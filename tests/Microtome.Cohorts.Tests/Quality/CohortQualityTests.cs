using System.Text.Json;
using Microtome.Pathology;

namespace Microtome.Cohorts.Tests;

public sealed class CohortQualityTests
{
    private static SlideJudgement Among(SlideQuality odd, int others = 30, string type = "BRCA") =>
        CohortQuality.Judge([.. Measured.Cohort(others, type), (Measured.Slide(900, type), odd)])[^1];

    [Fact]
    public void Judge_SlidesThatAreAlike_AlmostAllAreGood()
    {
        var judgements = CohortQuality.Judge(Measured.Cohort(200));

        Assert.DoesNotContain(judgements, static j => j.Verdict == SlideVerdict.Bad);
        Assert.InRange(judgements.Count(static j => j.Verdict == SlideVerdict.Good), 190, 200);
        Assert.All(judgements, static j => Assert.Equal(("BRCA", 200), (j.Reference, j.ReferenceSlides)));
        Assert.All(judgements, static j => Assert.True(j.Score < 1));
    }

    [Theory]
    [InlineData(2.0)]
    [InlineData(0.5)]
    public void Judge_PixelSizeOffByTwo_SaysSoAndNothingElseOfTheNuclei(double factor)
    {
        var judged = Among(Measured.Quality(900, area: factor * factor, density: 1 / (factor * factor), distance: factor));

        Assert.Equal(SlideVerdict.Bad, judged.Verdict);
        Assert.Equal([QualityCause.WrongPixelSize], judged.Causes);
        Assert.Equal(0.25 / factor, judged.Findings[0].Expected, 0.2 * 0.25 / factor);
        Assert.Contains("wrong mpp", judged.Findings[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Judge_PixelSizeFarOff_ExplainsImpossibleAreas()
    {
        // Areas of 30 / 9 um2 are impossible by themselves; the cause is named all the same.
        var judged = Among(Measured.Quality(900, area: 1 / 9.0, density: 9, distance: 1 / 3.0));

        Assert.Equal([QualityCause.WrongPixelSize], judged.Causes);
    }

    [Fact]
    public void Judge_MergedNuclei_AreNoWrongPixelSize()
    {
        // Areas up and density down as well, but the areas spread wide.
        var judged = Among(Measured.Quality(900, area: 2.5, density: 0.4, distance: 1.3, spread: 2.6));

        Assert.DoesNotContain(QualityCause.WrongPixelSize, judged.Causes);
        Assert.Contains(QualityCause.UnderSegmentation, judged.Causes);
        Assert.Equal(SlideVerdict.Bad, judged.Verdict);
    }

    [Fact]
    public void Judge_MoreAndSmallerObjects_AreOverSegmented()
    {
        var judged = Among(Measured.Quality(900, area: 0.4, density: 1.3));

        Assert.Equal(QualityCause.OverSegmentation, judged.Causes[0]);
        Assert.DoesNotContain(QualityCause.WrongPixelSize, judged.Causes);
    }

    [Fact]
    public void Judge_EachFlaw_IsNamed()
    {
        var q = Measured.Quality(900);
        (SlideQuality Quality, QualityCause Cause, SlideVerdict Verdict)[] cases =
        [
            (q with { TissueAreaMm2 = 0 }, QualityCause.NoTissue, SlideVerdict.Bad),
            (q with { Nuclei = q.Nuclei! with { Count = 0 } }, QualityCause.NoNuclei, SlideVerdict.Bad),
            (q with { Focus = q.Focus! with { SharpnessMedian = 0.1, SharpnessP05 = 0.08, BlurredFraction = 1 } }, QualityCause.Blur, SlideVerdict.Bad),
            (q with { Focus = q.Focus with { BlurredFraction = 0.3 } }, QualityCause.Blur, SlideVerdict.Bad),
            (q with { PenFraction = 0.2 }, QualityCause.Pen, SlideVerdict.Bad),
            (q with { PenFraction = 0.03 }, QualityCause.Pen, SlideVerdict.Acceptable),
            (q with { Stain = q.Stain! with { ForeignFraction = 0.3 } }, QualityCause.Pen, SlideVerdict.Bad),
            (q with { FoldFraction = 0.15 }, QualityCause.Fold, SlideVerdict.Acceptable),
            (q with { Stain = q.Stain with { HaematoxylinMeanOd = 0.1 } }, QualityCause.PaleStain, SlideVerdict.Acceptable),
            (q with { Nuclei = q.Nuclei with { EmptySquareFraction = 0.6 } }, QualityCause.UnderSegmentation, SlideVerdict.Bad),
        ];
        foreach (var (quality, cause, verdict) in cases)
        {
            var judged = Among(quality);
            Assert.Equal((cause, verdict), (judged.Causes[0], judged.Verdict));
            Assert.StartsWith(QualityWords.Of(cause), judged.Findings[0].Text, StringComparison.Ordinal);
            Assert.Matches("[0-9]|not a single", judged.Findings[0].Text);
        }
    }

    [Fact]
    public void Judge_AQuarterOfTheSlidesSpoiled_TheReferenceHolds()
    {
        var slides = Enumerable.Range(0, 40).Select(i => (Measured.Slide(i), i % 4 == 0 ? Measured.Quality(i, 4, 0.25, 2) : Measured.Quality(i))).ToArray();

        var judged = CohortQuality.Judge(slides);

        for (int i = 0; i < judged.Count; i++)
            Assert.Equal(i % 4 == 0, judged[i].Causes.Contains(QualityCause.WrongPixelSize));
        Assert.True(judged.Where(static (_, i) => i % 4 == 0).Min(static j => j.Score) > judged.Where(static (_, i) => i % 4 != 0).Max(static j => j.Score));
    }

    [Fact]
    public void Judge_TypesThatDiffer_AreHeldAgainstTheirOwn()
    {
        // Half the slides have nuclei of twice the area: usual for their type, odd for the other.
        (CohortSlide, SlideQuality)[] large = [.. Enumerable.Range(100, 20).Select(i => (Measured.Slide(i, "GBM"), Measured.Quality(i, area: 2.2, density: 0.6)))];
        var judged = CohortQuality.Judge([.. Measured.Cohort(20), .. large, (Measured.Slide(500), Measured.Quality(500, area: 2.2, density: 0.6))]);

        Assert.All(judged.SkipLast(1), static j => Assert.NotEqual(SlideVerdict.Bad, j.Verdict));
        Assert.Equal(SlideVerdict.Bad, judged[^1].Verdict);
    }

    [Fact]
    public void Judge_PixelSizeOffAmongTissuesThatDiffer_IsSeenByTheScale()
    {
        // Areas differ by a factor of two between tissues, and larger nuclei are sparser; no area alone is unusual.
        SlideQuality Tissue(int i)
        {
            double size = Math.Pow(2, ((i % 7) - 3) / 6.0);
            return Measured.Quality(i, area: size, density: 1 / Math.Sqrt(size), distance: Math.Pow(size, 0.25));
        }

        var odd = Measured.Quality(900, area: 4 * Math.Pow(2, -0.5), density: 0.25 * Math.Pow(2, 0.25), distance: 2 * Math.Pow(2, -0.125));
        var judged = CohortQuality.Judge([.. Enumerable.Range(0, 35).Select(i => (Measured.Slide(i), Tissue(i))), (Measured.Slide(900), odd)]);

        Assert.Contains(QualityCause.WrongPixelSize, judged[^1].Causes);
        Assert.All(judged.SkipLast(1), static j => Assert.NotEqual(SlideVerdict.Bad, j.Verdict));
    }

    [Fact]
    public void Judge_FewSlidesOfAType_AreHeldAgainstAll_AndFewInAllAgainstFixedLimits()
    {
        var judged = CohortQuality.Judge([.. Measured.Cohort(20), .. Measured.Cohort(3, "UVM", 200), .. Measured.Cohort(2, string.Empty, 300)]);
        Assert.Equal(["BRCA", "all", "all"], new[] { judged[0], judged[20], judged[23] }.Select(static j => j.Reference));
        Assert.Equal(25, judged[20].ReferenceSlides);

        var few = CohortQuality.Judge([.. Measured.Cohort(4), (Measured.Slide(900), Measured.Quality(900, area: 4, density: 0.25, distance: 2)), (Measured.Slide(901), Measured.Quality(901, area: 0.2))]);
        Assert.All(few, static j => Assert.Equal(string.Empty, j.Reference));
        Assert.Equal(SlideVerdict.Good, few[4].Verdict);
        Assert.Equal(SlideVerdict.Bad, few[5].Verdict);
    }

    [Fact]
    public void Judge_InAnyOrder_TheSame()
    {
        var slides = Measured.Cohort(30).Append((Measured.Slide(900), Measured.Quality(900, 3))).ToArray();
        var forward = CohortQuality.Judge(slides);
        var backward = CohortQuality.Judge([.. slides.Reverse()]).Reverse();

        Assert.Equal(forward.Select(static j => JsonSerializer.Serialize(j)), backward.Select(static j => JsonSerializer.Serialize(j)));
    }

    [Fact]
    public void Judge_EmptyAndIncompleteMeasurements_DoNotStopIt()
    {
        Assert.Empty(CohortQuality.Judge([]));
        var bare = new SlideQuality { Slide = "x", Mpp = 0.25, MppSource = "User", TissueAreaMm2 = 3, TissueFraction = 0.1 };
        Assert.Equal(SlideVerdict.Good, Among(bare).Verdict);
        Assert.Equal(SlideVerdict.Good, CohortQuality.Judge([.. Enumerable.Range(0, 12).Select(i => (Measured.Slide(i), bare))])[0].Verdict);
        // Three nuclei are too few for a distribution.
        var few = bare with { Nuclei = Measured.Quality(1).Nuclei! with { Count = 3, AreaLog2Um2 = QualityHistogram.Of(1, 0.125, 88) } };
        Assert.NotNull(Among(few));
    }

    [Fact]
    public void Judgement_AsJson_ReadsBackWithWords()
    {
        var judged = Among(Measured.Quality(900, area: 4, density: 0.25, distance: 2));
        string json = JsonSerializer.Serialize(judged);

        Assert.Contains("\"wrong mpp\"", json, StringComparison.Ordinal);
        Assert.Contains("\"bad\"", json, StringComparison.Ordinal);
        var back = JsonSerializer.Deserialize<SlideJudgement>(json)!;
        Assert.Equal((judged.Slide, judged.Verdict, judged.Score), (back.Slide, back.Verdict, back.Score));
        Assert.Equal(judged.Findings, back.Findings);
    }

    [Fact]
    public void Judge_ThePublishedNumberOfSlides_IsQuick()
    {
        var forty = Enumerable.Range(0, 40).Select(i => Measured.Quality(i)).ToArray();
        var slides = Enumerable.Range(0, 5060).Select(i => (Measured.Slide(i, $"T{i % 10}"), forty[i % 40] with { TissueAreaMm2 = 100 + i })).ToArray();

        long before = GC.GetAllocatedBytesForCurrentThread();
        var judged = CohortQuality.Judge(slides);

        Assert.Equal(5060, judged.Count);
        // The quantiles of all slides at once are 13 MB; what is thrown away on the way is bounded, too.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 400L << 20);
    }
}
