using Microtome.Imaging;
using Microtome.Learning;
using Microtome.Pathology;

namespace Microtome.Cohorts.Tests;

public sealed class PatchSampleTests(AnalysedCohort cohort) : IClassFixture<AnalysedCohort>, IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("queue 抽样 ").FullName;

    public void Dispose() => Directory.Delete(root, true);

    private PatchQueue Fill(string name, PatchSampleOptions options, IReadOnlyList<CohortSlide>? slides = null, CancellationToken cancellation = default) =>
        PatchSample.Fill(slides ?? cohort.Slides, cohort.Output, Path.Combine(root, name), options, static (slide, reason) => Assert.Fail($"{slide.Name}: {reason}"), cancellation);

    private SortedDictionary<string, string> Hashes(string name) => new(Directory.EnumerateFiles(Path.Combine(root, name)).ToDictionary(f => Path.GetFileName(f), InputFingerprint.Sha256), StringComparer.Ordinal);

    [Fact]
    public void Fill_TwoTypes_SpreadsPatchesOverPatientsAndTissue()
    {
        var queue = Fill("a", new PatchSampleOptions { PerType = 6 });

        Assert.Equal(Enumerable.Range(1, 12), queue.Patches.Select(static p => p.Id));
        Assert.Equal([6, 6], queue.Patches.GroupBy(static p => p.Type, StringComparer.Ordinal).Select(static g => g.Count()));
        var brca = queue.Patches.Where(static p => p.Type == "BRCA").ToArray();
        Assert.Equal(3, brca.Count(static p => p.Patient == "P1"));
        Assert.Equal(3, brca.Count(static p => p.Patient == "P2"));
        // Both slides of the patient who has two.
        Assert.Equal(3, brca.Select(static p => p.Slide).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(12, queue.Patches.Select(static p => (p.Slide, p.X, p.Y)).Distinct().Count());
        foreach (var patch in queue.Patches)
        {
            using var slide = Slide.Open(cohort.Slides.First(s => s.Name == patch.Slide).Path);
            var tissue = TissueMask.FromGeoJson(slide, Path.Combine(cohort.Output, patch.Slide, "tissue.geojson"));
            Assert.Equal((400, 400), (patch.Width, patch.Height));
            Assert.True(tissue.Coverage(new Level0Rect(patch.X, patch.Y, 400, 400)) >= 0.9);
            Assert.Equal(PatchProgress.Ready, queue.State(patch.Id));
        }

        // Patches of one slide do not overlap.
        foreach (var (a, b) in brca.SelectMany(a => brca.Where(b => b.Id > a.Id && b.Slide == a.Slide).Select(b => (a, b))))
            Assert.True(Math.Abs(a.X - b.X) >= 400 || Math.Abs(a.Y - b.Y) >= 400);
    }

    [Fact]
    public void Fill_PicturesAndMasks_AreThoseOfTheSlide()
    {
        var queue = Fill("a", new PatchSampleOptions { PerType = 3 });
        var tallies = new List<NucleusTally>();
        foreach (var patch in queue.Patches)
        {
            using var slide = SyntheticSlide.Parse(cohort.Slides.First(s => s.Name == patch.Slide).Path);
            // The slide's pixels are 0.25 um, so the crop is a copy.
            using var crop = Slide.Open(queue.Crop(patch.Id));
            Assert.Equal(slide.ReadRegion(new LevelRect(0, patch.X, patch.Y, 400, 400)).Pixels, crop.ReadRegion(new LevelRect(0, 0, 0, 400, 400)).Pixels);

            // The nuclei of the slide are known circles.
            var truth = new Raster<int>(400, 400);
            int label = 0;
            foreach (var (centre, radius) in slide.NucleiIn(new Level0Rect(patch.X - 50, patch.Y - 50, 500, 500)))
            {
                label++;
                for (int y = 0; y < 400; y++)
                {
                    for (int x = 0; x < 400; x++)
                    {
                        if (Math.Pow(x + 0.5 + patch.X - centre.X, 2) + Math.Pow(y + 0.5 + patch.Y - centre.Y, 2) <= radius * radius)
                            truth[x, y] = label;
                    }
                }
            }

            tallies.Add(PatchScore.Of(patch, truth, LabelImage.Read(queue.Predicted(patch.Id)), PatchBorderRule.Ignore).Objects);
        }

        var pooled = NucleusTally.Pool(tallies);
        Assert.InRange(pooled.TruthObjects, 200, 6000);
        Assert.InRange(pooled.Scores.Aji, 0.97, 1);
        Assert.InRange(pooled.Scores.F1, 0.99, 1);
    }

    [Fact]
    public void Fill_SameSeedInAnyOrder_SamePatches_AnotherSeedOthers()
    {
        Fill("a", new PatchSampleOptions { PerType = 5, Seed = 7 });
        Fill("b", new PatchSampleOptions { PerType = 5, Seed = 7 }, [.. cohort.Slides.Reverse()]);
        var other = Fill("c", new PatchSampleOptions { PerType = 5, Seed = 8 });

        Assert.Equal(Hashes("a"), Hashes("b"));
        Assert.NotEqual(PatchQueue.Read(Path.Combine(root, "a")).Patches.Select(static p => (p.Slide, p.X, p.Y)), other.Patches.Select(static p => (p.Slide, p.X, p.Y)));
    }

    [Fact]
    public void Fill_StoppedAnywhere_GoesOnToTheSameQueue()
    {
        var options = new PatchSampleOptions { PerType = 4, Strata = 3 };
        Fill("whole", options);
        var random = new Random(4);
        for (int stop = 0; stop < 12; stop++)
        {
            // Cancellation is looked at before every patch: counting the looks stops it at each of them.
            using var source = new CancellationTokenSource();
            string folder = Path.Combine(root, "stopped");
            using var watcher = new Timer(_ => source.Cancel(), null, random.Next(1, 60), Timeout.Infinite);
            try
            {
                Fill("stopped", options, cancellation: source.Token);
            }
            catch (OperationCanceledException)
            {
                // Whatever is there is complete.
                foreach (string file in Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*_predicted_mask.png") : [])
                    Assert.Equal(400, LabelImage.Read(file).Width);
            }

            if (random.Next(3) == 0 && Directory.Exists(folder))
            {
                foreach (string file in Directory.EnumerateFiles(folder, "*.png").Where(_ => random.Next(3) == 0).ToArray())
                    File.Delete(file);
                File.WriteAllText(Path.Combine(folder, ".1_crop.png.0123456789abcdef.tmp"), "half a picture");
            }
        }

        Fill("stopped", options);
        Assert.Equal(Hashes("whole"), Hashes("stopped"));
    }

    [Fact]
    public void Fill_Again_KeepsMasksDrawnByHand_AndOnlyAddsWhenMoreAreWanted()
    {
        var first = Fill("a", new PatchSampleOptions { PerType = 3 });
        File.WriteAllText(first.Corrected(2), "a person's work");
        File.WriteAllText(Path.Combine(first.Folder, "4_labeled_mask_common1.png"), "another's");
        var second = Fill("a", new PatchSampleOptions { PerType = 5 });

        Assert.Equal(first.Patches, second.Patches.Take(first.Patches.Count));
        Assert.Equal(10, second.Patches.Count);
        Assert.Equal("a person's work", File.ReadAllText(second.Corrected(2)));
        Assert.Equal("another's", File.ReadAllText(Path.Combine(first.Folder, "4_labeled_mask_common1.png")));
        Assert.Equal(PatchProgress.Segmented, second.State(2));
        Assert.Contains(",segmented\n", File.ReadAllText(Path.Combine(first.Folder, PatchQueue.CrosswalkName)), StringComparison.Ordinal);
        // Fewer wanted than there are: nothing is taken away.
        Assert.Equal(10, Fill("a", new PatchSampleOptions { PerType = 1 }).Patches.Count);
    }

    [Fact]
    public void Fill_OtherSettings_AreRefused_AndSoIsAFolderOfSomebodyElse()
    {
        Fill("a", new PatchSampleOptions { PerType = 1, Seed = 1 });
        Assert.Contains("other settings", Assert.Throws<UsageException>(() => Fill("a", new PatchSampleOptions { PerType = 1, Seed = 2 })).Message, StringComparison.Ordinal);

        Directory.CreateDirectory(Path.Combine(root, "b"));
        File.WriteAllText(Path.Combine(root, "b", PatchQueue.CrosswalkName), "Patch-ID,CancerType\n1,BRCA\n");
        Assert.Throws<UsageException>(() => Fill("b", new PatchSampleOptions { PerType = 1 }));
    }

    [Theory]
    [InlineData("synthetic-2600x2200")]
    [InlineData("P1")]
    public void Fill_ExcludedTrainingSlide_LeavesOutAllSlidesOfItsPatient(string excluded)
    {
        var options = new PatchSampleOptions { PerType = 8, Excluded = [excluded] };
        var queue = Fill("a", options);

        Assert.All(queue.Patches, static p => Assert.NotEqual("P1", p.Patient));
        Assert.Equal(8, queue.Patches.Count(static p => p.Type == "BRCA"));

        Fill("b", options with { Excluded = [] });
        Assert.Contains("excluded now", Assert.Throws<UsageException>(() => Fill("b", options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fill_Strata_TakesFewAndManyNucleiInTurn()
    {
        var queue = Fill("a", new PatchSampleOptions { PerType = 9, MostPerSlide = 9, Strata = 3 }, [cohort.Slides[0]]);
        var counts = queue.Patches.GroupBy(static p => p.Stratum).OrderBy(static g => g.Key).Select(g => g.Select(p => PatchPrediction.Count(Path.Combine(cohort.Output, p.Slide, "nuclei.gpkg"), p)).ToArray()).ToArray();

        Assert.Equal([3, 3, 3], counts.Select(static c => c.Length));
        Assert.True(counts[0].Max() <= counts[1].Min() && counts[1].Max() <= counts[2].Min());
    }

    [Fact]
    public void Fill_TwoAtOnce_TheSecondIsRefused_AndNothingIsLeftBehind()
    {
        var options = new PatchSampleOptions { PerType = 1 };
        using (OutputLock.Take(Path.Combine(root, "a", ".microtome")))
            Assert.Throws<FolderBusyException>(() => Fill("a", options));
        Fill("a", options);

        Assert.False(Directory.Exists(Path.Combine(root, "a", ".microtome")));
    }

    [Fact]
    public void Fill_SlideThatIsGone_IsTold_TheOthersAreSampled()
    {
        var slides = cohort.Slides.Append(cohort.Slides[0] with { Name = "gone", Patient = "P9", Path = "/nowhere/gone.svs" }).ToArray();
        var failed = new List<string>();
        var queue = PatchSample.Fill(slides, cohort.Output, Path.Combine(root, "a"), new PatchSampleOptions { PerType = 4 }, (slide, _) => failed.Add(slide.Name));

        Assert.Equal(["gone"], failed);
        Assert.Equal(8, queue.Patches.Count);
    }

    [Fact]
    public void PlainCohort_WithATable_KnowsPatientsAndTypes()
    {
        string table = Path.Combine(root, "slides.csv");
        File.WriteAllText(table, "slide,patient,CancerType,mpp\nsynthetic-2600x2200,P1,BRCA,\n/elsewhere/synthetic-2630x2200.svs,,UVM,0.5\nTCGA-AA-1234-01Z-00-DX1.svs,,,\n");

        var slides = PlainCohort.Read(cohort.Output, table);

        Assert.Equal(("synthetic-2600x2200", "P1", "BRCA", (double?)null), (slides[0].Name, slides[0].Patient, slides[0].Type, slides[0].Mpp));
        Assert.StartsWith("synthetic:", slides[0].Path, StringComparison.Ordinal);
        Assert.Equal(("synthetic-2630x2200", "synthetic-2630x2200", "UVM", 0.5), (slides[1].Name, slides[1].Patient, slides[1].Type, slides[1].Mpp));
        Assert.Equal(("TCGA-AA-1234-01Z-00-DX1", "TCGA-AA-1234"), (slides[2].Name, slides[2].Patient));
        Assert.Equal(5, PlainCohort.Read(cohort.Output).Count);

        File.WriteAllText(table, "slide\nsynthetic-2600x2200\nsynthetic-2600x2200.svs\n");
        Assert.Contains("twice", Assert.Throws<SlideException>(() => PlainCohort.Read(cohort.Output, table)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Quality_OfTheCohort_IsReadAndJudged_AndTheTableReadsBack()
    {
        var missing = new List<string>();
        var measurements = QualityTable.Measurements([.. cohort.Slides, cohort.Slides[0] with { Name = "absent" }], cohort.Output, (slide, _) => missing.Add(slide.Name));
        var judgements = CohortQuality.Judge(measurements);
        string table = Path.Combine(root, "quality.csv");
        QualityTable.Write(table, judgements, measurements);

        Assert.Equal(["absent"], missing);
        var verdicts = QualityTable.ReadVerdicts(table);
        Assert.Equal(judgements.Select(static j => (j.Slide.Name, j.Verdict)), cohort.Slides.Select(s => (s.Name, verdicts[s.Name].Verdict)));
        Assert.All(verdicts.Values, static v => Assert.Equal(QualityTable.Automatic, v.Reviewer));
        File.WriteAllText(table, "slide,verdict\nA,fine\n");
        Assert.Contains("'fine'", Assert.Throws<SlideException>(() => QualityTable.ReadVerdicts(table)).Message, StringComparison.Ordinal);
    }
}
