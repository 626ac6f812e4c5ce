using Microtome.Imaging;
using Microtome.Learning;

namespace Microtome.Cohorts.Tests;

public sealed class PatchScoreTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("patches 斑块 ").FullName;

    public void Dispose() => Directory.Delete(root, true);

    private static SampledPatch Patch(int id, string slide = "A", string type = "BRCA", double mpp = 0.25) => new() { Id = id, Slide = slide, Patient = slide, Type = type, Mpp = mpp };

    private static Raster<int> Squares(params (int X, int Y, int Side)[] squares)
    {
        var labels = new Raster<int>(100, 100);
        for (int i = 0; i < squares.Length; i++)
        {
            for (int y = 0; y < squares[i].Side; y++)
                labels.Row(squares[i].Y + y).Slice(squares[i].X, squares[i].Side).Fill(i + 1);
        }

        return labels;
    }

    [Fact]
    public void Of_AShiftedNucleus_IsTheClosedForm()
    {
        // 20 x 20, shifted by 5: 15 x 20 shared.
        var score = PatchScore.Of(Patch(1), Squares((30, 30, 20)), Squares((35, 30, 20)), PatchBorderRule.Ignore);

        Assert.Equal(0.75, score.Dice, 12);
        Assert.Equal(300.0 / 500, score.Aji, 12);
        Assert.Equal(1, score.Objects.Scores.F1);
        Assert.Equal(0.6, score.Objects.Scores.Pq, 12);
        Assert.Equal(1, score.Objects.Scores.DetectionF1);
    }

    [Fact]
    public void Of_DetectionRadius_IsThreeMicronsAtAnyPixelSize()
    {
        // 5 pixels are 1.25 um at 0.25 and 5 um at 1.
        Assert.Equal(1, PatchScore.Of(Patch(1), Squares((30, 30, 20)), Squares((35, 30, 20)), PatchBorderRule.Keep).Objects.Scores.DetectionF1);
        Assert.Equal(0, PatchScore.Of(Patch(1, mpp: 1), Squares((30, 30, 20)), Squares((35, 30, 20)), PatchBorderRule.Keep).Objects.Scores.DetectionF1);
    }

    [Fact]
    public void Of_EmptyPatches_AreDefined()
    {
        var empty = Squares();
        foreach (var rule in Enum.GetValues<PatchBorderRule>())
        {
            var both = PatchScore.Of(Patch(1), empty, empty, rule);
            Assert.Equal((1, 1, 1, 1, 1), (both.Dice, both.Aji, both.Objects.Scores.F1, both.Objects.Scores.Pq, both.Objects.Scores.DetectionF1));
            var missed = PatchScore.Of(Patch(1), Squares((30, 30, 20)), empty, rule);
            Assert.Equal((0, 0, 0), (missed.Dice, missed.Aji, missed.Objects.Scores.F1));
            var invented = PatchScore.Of(Patch(1), empty, Squares((30, 30, 20)), rule);
            Assert.Equal((0, 0, 0), (invented.Dice, invented.Aji, invented.Objects.Scores.F1));
        }
    }

    [Fact]
    public void Of_MergedNuclei_DiceDoesNotSeeIt_AjiDoes()
    {
        var truth = Squares((20, 30, 20), (40, 30, 20));
        var merged = new Raster<int>(100, 100, Array.ConvertAll(truth.Samples, static l => l == 0 ? 0 : 1));
        var score = PatchScore.Of(Patch(1), truth, merged, PatchBorderRule.Ignore);

        Assert.Equal(1, score.Dice);
        Assert.Equal(800.0 / 1600, score.Aji, 12);
        Assert.Equal(0, score.Objects.Scores.F1);
    }

    [Fact]
    public void Figures_AreMeansAndPooledCounts_WithIntervalsOverSlides()
    {
        var scores = new List<PatchScore>();
        // Slide A is perfect in five patches, slide B misses its only nucleus in one.
        for (int i = 1; i <= 5; i++)
            scores.Add(PatchScore.Of(Patch(i), Squares((30, 30, 20)), Squares((30, 30, 20)), PatchBorderRule.Ignore));
        scores.Add(PatchScore.Of(Patch(6, "B"), Squares((30, 30, 20)), Squares(), PatchBorderRule.Ignore));
        var figures = PatchFigures.Of("BRCA", scores, 3);

        Assert.Equal((6, 2), (figures.Patches, figures.Slides));
        Assert.Equal(5.0 / 6, figures.Figures["dice"].Value, 12);
        Assert.Equal(5.0 / 6, figures.Figures["aji_pooled"].Value, 12);
        Assert.Equal(10.0 / 11, figures.Figures["f1_pooled"].Value, 12);
        // Whole slides are drawn: all A gives 1, all B gives 0. Patches drawn one by one would hardly ever give 0.
        Assert.Equal((0, 1), (figures.Figures["dice"].Low, figures.Figures["dice"].High));
        Assert.Equal(figures.Figures, PatchFigures.Of("BRCA", scores, 3).Figures);
        Assert.True(double.IsNaN(PatchFigures.Of("BRCA", scores[..5], 3).Figures["dice"].Low));
    }

    [Fact]
    public void Scores_OfAPublishedFolder_ReadItsLayout()
    {
        File.WriteAllText(Path.Combine(root, "patches.txt"), "Patch-ID,Source,CancerType\n1,x,BRCA\n2,y,BRCA\n3,z,UVM\n4,z,UVM\n5,z,UVM\n");
        void Write(string name, Raster<int> labels) => LabelImage.Write(Path.Combine(root, name), labels);
        var nucleus = Squares((30, 30, 20));
        foreach (int id in (int[])[1, 2, 3, 4])
            Write($"{id}_predicted_mask.png", nucleus);
        Write("1_labeled_mask_corrected.png", nucleus);
        Write("2_labeled_mask_corrected.png", Squares((35, 30, 20)));
        // 16-bit labels that are not contiguous.
        Write("3_labeled_mask_corrected.png", new Raster<int>(100, 100, Array.ConvertAll(nucleus.Samples, static l => l * 40_000)));
        for (int rater = 0; rater < 3; rater++)
            Write($"3_labeled_mask_common{rater}.png", Squares((30 + (rater * 5), 30, 20)));
        Write("4_labeled_mask_corrected.png", new Raster<int>(50, 100));

        var failed = new List<(int Id, string Reason)>();
        var scores = PatchScores.Of(PatchQueue.Read(root, Path.Combine(root, "patches.txt")), PatchBorderRule.Ignore, 1, (p, reason) => failed.Add((p.Id, reason)));

        Assert.Equal([1, 2, 3], scores.Patches.Select(static p => p.Patch.Id));
        Assert.Equal(1, scores.Waiting);
        Assert.Equal(4, Assert.Single(failed).Id);
        Assert.Contains("50 x 100", failed[0].Reason, StringComparison.Ordinal);
        Assert.Equal(["BRCA", "UVM"], scores.Types.Select(static t => t.Type));
        Assert.Equal((1 + 0.75) / 2, scores.Types[0].Figures["dice"].Value, 12);
        // Three raters: two pairs 5 apart and one 10 apart.
        Assert.Equal(3, scores.Raters!.Patches);
        Assert.Equal((0.75 + 0.75 + 0.5) / 3, scores.Raters.Figures["dice"].Value, 12);
        Assert.Equal((1 + 0.75 + 0.5) / 3, scores.RatersAgainstUs!.Figures["dice"].Value, 12);

        // Without slides in the table every patch is a slide of its own.
        string table = scores.Table(new Dictionary<string, (SlideVerdict, string)>(StringComparer.Ordinal) { ["patch-1"] = (SlideVerdict.Good, "me"), ["other"] = (SlideVerdict.Bad, "automatic") });
        Assert.Equal("slide,type,verdict,reviewer,n_patches,dice,aji,det_f1\nother,,bad,automatic,0,NA,NA,NA\npatch-1,BRCA,good,me,1,1,1,1\npatch-2,BRCA,NA,NA,1,0.75,0.6,1\npatch-3,UVM,NA,NA,1,1,1,1\n", table);
    }

    [Fact]
    public void Queue_DamagedTables_AreRefusedWithTheLine()
    {
        foreach (var (text, expected) in (ReadOnlySpan<(string, string)>)[("Patch-ID,CancerType\nx,BRCA\n", "'x' is no number"), ("Patch-ID,CancerType\n1,A\n1,B\n", "twice"), ("Patch-ID,CancerType\n0,A\n", "from 1 on"), ("id,type\n1,A\n", "Patch-ID")])
        {
            File.WriteAllText(Path.Combine(root, PatchQueue.CrosswalkName), text);
            Assert.Contains(expected, Assert.Throws<SlideException>(() => PatchQueue.Read(root)).Message, StringComparison.Ordinal);
        }
    }
}
