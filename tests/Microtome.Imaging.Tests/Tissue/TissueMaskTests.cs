namespace Microtome.Imaging.Tests.Tissue;

public class TissueMaskTests
{
    private static readonly (int R, int G, int B) Glass = (242, 241, 243);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Detect_Resection_FindsPaintedTissue(int seed)
    {
        var painting = new Painting(600, 400, Glass, seed).Tissue(0.35, 22, (150, 90, 160), (222, 190, 215)).Dirt();
        var tissue = TissueMask.Detect(painting.Slide());
        Assert.InRange(painting.Dice(tissue.Mask), 0.95, 1);
        Assert.Equal(0, tissue.Pen.Share);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Detect_Biopsy_FindsThinCores(int seed)
    {
        var painting = new Painting(600, 300, Glass, seed)
            .Strip(5, (205, 150, 190), 0.15).Strip(4, (190, 130, 180), 0.7).Strip(6, (215, 175, 205), 0.88).Dirt();
        Assert.InRange(painting.Dice(TissueMask.Detect(painting.Slide(), TissueOptions.Biopsy).Mask), 0.85, 1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Detect_Pale_FindsFaintTissueThatTheDefaultCannot(int seed)
    {
        var painting = new Painting(600, 400, Glass, seed).Tissue(0.3, 22, (233, 219, 230), (240, 233, 239));
        Assert.InRange(painting.Dice(TissueMask.Detect(painting.Slide(), TissueOptions.Pale).Mask), 0.90, 1);
        Assert.InRange(painting.Dice(TissueMask.Detect(painting.Slide()).Mask), 0, 0.85);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Detect_Ihc_FindsGreyBlueCounterstain(int seed)
    {
        var painting = new Painting(600, 400, (240, 239, 236), seed).Tissue(0.3, 22, (196, 203, 214), (218, 222, 228));
        for (var i = 0; i < 40; i++)
            painting.Disk(painting.Image.Width * i / 40, 200, 2, (150, 110, 80), painting.Truth[painting.Image.Width * i / 40, 200] == 1);
        Assert.InRange(painting.Dice(TissueMask.Detect(painting.Slide(), TissueOptions.Ihc).Mask), 0.93, 1);
    }

    [Fact]
    public void Detect_GlassOnly_FindsNothingAndSaysSo()
    {
        foreach (var options in TissueOptions.Presets)
        {
            // Dirt is left out for the presets that count darkness: grey tissue and grey dirt are alike.
            var painting = new Painting(500, 400, Glass, 4);
            if (options.DensityWeight == 0)
                painting.Dirt();
            var tissue = TissueMask.Detect(painting.Slide(), options);
            Assert.Equal(0, tissue.Share);
            Assert.Equal(0, tissue.AreaMm2);
            Assert.Contains(tissue.Notes, n => n.Contains("No tissue was found", StringComparison.Ordinal));
            Assert.Empty(tissue.Polygons());
        }
    }

    [Fact]
    public void Detect_TissueOnly_FindsAllAndWarns()
    {
        var painting = new Painting(300, 300, Glass, 5).Tissue(1, 10, (150, 90, 160), (215, 180, 205));
        var tissue = TissueMask.Detect(painting.Slide());
        Assert.InRange(tissue.Share, 0.98, 1);
        Assert.Contains(tissue.Notes, n => n.Contains("glass is not taken for tissue", StringComparison.Ordinal));
    }

    [Fact]
    public void Detect_OnePixelSlide_DoesNotFail()
    {
        foreach (var options in TissueOptions.Presets)
            Assert.Single(TissueMask.Detect(PaintedSlide.At(0.25, new RgbImage(1, 1)), options).Mask.Samples);
    }

    [Theory]
    [InlineData(30, 140, 60)]
    [InlineData(30, 70, 180)]
    [InlineData(25, 25, 30)]
    [InlineData(215, 40, 50)]
    public void Detect_PenStroke_IsFlaggedAndTakenOut(int r, int g, int b)
    {
        var painting = new Painting(500, 400, Glass, 6).Tissue(0.3, 22, (150, 90, 160), (222, 190, 215));
        var tissueShare = painting.Truth.Samples.Average(v => (double)v);
        for (var x = 30; x < 470; x++)
            painting.Disk(x, 60 + (x / 10), 7, (r, g, b), tissue: false);
        var tissue = TissueMask.Detect(painting.Slide());
        Assert.InRange(tissue.Pen.Share, 0.025, 0.04);
        Assert.InRange(painting.Dice(tissue.Mask), 0.93, 1);
        Assert.InRange(tissue.Share, 0, tissueShare);
        Assert.Contains(tissue.Notes, n => n.StartsWith("Pen marks", StringComparison.Ordinal));
    }

    [Fact]
    public void Detect_DarkBand_IsFlaggedAsFold()
    {
        var painting = new Painting(400, 400, Glass, 7).Tissue(0.5, 30, (190, 130, 180), (215, 170, 205));
        for (var x = 0; x < 400; x++)
        {
            for (var d = 0; d < 6; d++)
            {
                if (painting.Truth[x, 200 + d] == 1)
                    painting.Disk(x, 200 + d, 0, (85, 30, 90), tissue: true);
            }
        }

        var tissue = TissueMask.Detect(painting.Slide());
        Assert.InRange(tissue.Folds.Share, 0.008, 0.04);
        Assert.Equal(-1, tissue.Folds.Mask.Row(150).IndexOf((byte)1));
    }

    [Fact]
    public void Detect_BlurredPicture_IsFlagged()
    {
        using var slide = Slide.Open(Samples.DemoSlide);
        var sharp = slide.ReadRegion(new LevelRect(0, 200, 400, 1400, 1400));
        Assert.Equal(0, TissueMask.Detect(PaintedSlide.At(0.5, sharp)).Blur.Share);
        var blurred = TissueMask.Detect(PaintedSlide.At(0.5, Blurred(sharp, 3)));
        Assert.InRange(blurred.Blur.Share, 0.9, 1);
        Assert.Contains(blurred.Notes, n => n.Contains("out of focus", StringComparison.Ordinal));
    }

    [Fact]
    public void Detect_AnyNumberOfThreads_GivesTheSame()
    {
        using var slide = Slide.Open("synthetic:9000x7000");
        var one = TissueMask.Detect(slide, threads: 1);
        var two = TissueMask.Detect(slide, threads: 3);
        Assert.Equal(one.Mask.Samples, two.Mask.Samples);
        Assert.Equal(one.Blur.Mask.Samples, two.Blur.Mask.Samples);
        Assert.InRange(one.Share, 0.3, 0.5);
    }

    [Fact]
    public void Detect_DemoSlide_FindsItsTissue()
    {
        using var slide = Slide.Open(Samples.DemoSlide);
        var tissue = TissueMask.Detect(slide);
        // Judged by eye on the overlay; the scan covers 1.64 mm2.
        Assert.InRange(tissue.AreaMm2!.Value, 0.58, 0.70);
        Assert.Equal(0, tissue.Pen.Share);
        Assert.Equal(0, tissue.Blur.Share);
        foreach (var method in Enum.GetValues<StainMethod>())
            Assert.Null(StainSampler.Estimate(slide, tissue, method).Reason);
    }

    [Fact]
    public void Detect_UnknownPixelSize_SaysSo()
    {
        var painting = new Painting(600, 400, Glass, 1).Tissue(0.35, 22, (150, 90, 160), (222, 190, 215));
        var tissue = TissueMask.Detect(new PaintedSlide(painting.Image, null));
        Assert.Null(tissue.AreaMm2);
        Assert.InRange(painting.Dice(tissue.Mask), 0.95, 1);
        Assert.Contains(tissue.Notes, n => n.Contains("--mpp", StringComparison.Ordinal));
    }

    [Fact]
    public void Named_UnknownPreset_ListsTheKnown()
    {
        var e = Assert.Throws<UsageException>(() => TissueOptions.Named("bone"));
        Assert.Contains("resection, biopsy, pale, ihc", e.Message);
        Assert.Same(TissueOptions.Ihc, TissueOptions.Named("IHC"));
    }

    private static RgbImage Blurred(RgbImage image, double sigma)
    {
        var result = new RgbImage(image.Width, image.Height);
        for (var c = 0; c < 3; c++)
        {
            var channel = new Raster<float>(image.Width, image.Height);
            for (var i = 0; i < channel.Samples.Length; i++)
                channel.Samples[i] = image.Pixels[(3 * i) + c];
            channel = GaussianBlur.Apply(channel, sigma);
            for (var i = 0; i < channel.Samples.Length; i++)
                result.Pixels[(3 * i) + c] = (byte)Math.Clamp(MathF.Round(channel.Samples[i]), 0, 255);
        }

        return result;
    }
}
