namespace Microtome.Imaging.Tests;

public class SyntheticSlideTests
{
    [Theory]
    [InlineData("synthetic:5000x4000")]
    [InlineData("synthetic:20011x9001?mpp=0.5")]
    public void Marks_AtEveryLevel_LieWhereTheyAreSaidToLie(string address)
    {
        using SyntheticSlide slide = SyntheticSlide.Parse(address);
        Assert.Equal(25, slide.Marks.Count);
        Assert.True(slide.Levels.Count >= 2);
        for (int level = 0; level < slide.Levels.Count; level++)
        {
            double d = slide.Levels[level].Downsample;
            foreach (Level0Point mark in slide.Marks)
            {
                Assert.True(IsPrime((int)mark.X) && IsPrime((int)mark.Y));
                var region = new LevelRect(level, (long)(mark.X / d) - 20, (long)(mark.Y / d) - 20, 41, 41);
                (double x, double y) = GreenCentre(slide.ReadRegion(region));
                Assert.InRange((region.X + x) * d, mark.X - d, mark.X + d);
                Assert.InRange((region.Y + y) * d, mark.Y - d, mark.Y + d);
            }
        }
    }

    [Theory]
    [InlineData(0.5, 0.5)]
    [InlineData(1, 1)]
    [InlineData(1.1, 1.1)]
    [InlineData(2, 2)]
    [InlineData(3.3, 2.7)]
    [InlineData(6, 6)]
    public void Marks_ThroughTheGrid_LieWhereTheyAreSaidToLie(double scaleX, double scaleY)
    {
        using SyntheticSlide slide = SyntheticSlide.Parse("synthetic:5000x4000");
        var grid = new AnalysisGrid(scaleX, scaleY);
        foreach (Level0Point mark in slide.Marks)
        {
            (double gx, double gy) = grid.FromLevel0(mark);
            var region = new GridRect((long)gx - 20, (long)gy - 20, 41, 41);
            (double x, double y) = GreenCentre(slide.ReadGrid(grid, region));
            Level0Point found = grid.ToLevel0(region.X + x, region.Y + y);
            double d = Math.Max(1, Math.Max(scaleX, scaleY));
            Assert.InRange(found.X, mark.X - d, mark.X + d);
            Assert.InRange(found.Y, mark.Y - d, mark.Y + d);
        }
    }

    [Fact]
    public void ReadRegion_InAnyPieces_IsTheSamePicture()
    {
        using SyntheticSlide slide = SyntheticSlide.Parse("synthetic:3001x2003");
        for (int level = 0; level < slide.Levels.Count; level++)
        {
            RgbImage whole = slide.ReadRegion(new LevelRect(level, 0, 0, (int)slide.Levels[level].Width, (int)slide.Levels[level].Height));
            var random = new Random(level);
            for (int i = 0; i < 20; i++)
            {
                int x = random.Next(0, whole.Width - 10);
                int y = random.Next(0, whole.Height - 10);
                var part = new LevelRect(level, x, y, random.Next(1, Math.Min(200, whole.Width - x)), random.Next(1, Math.Min(200, whole.Height - y)));
                RgbImage read = slide.ReadRegion(part);
                for (int r = 0; r < part.Height; r++)
                    Assert.True(read.Row(r).SequenceEqual(whole.Row(y + r).Slice(x * 3, part.Width * 3)));
            }
        }
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.3)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    [InlineData(1.0)]
    public void Tissue_Share_IsWhatTheAddressAsks(double share)
    {
        using SyntheticSlide slide = SyntheticSlide.Parse(FormattableString.Invariant($"synthetic:8000x6000?tissue={share}"));
        RgbImage thumbnail = slide.Thumbnail(400);
        int tissue = 0;
        for (int i = 0; i < thumbnail.Pixels.Length; i += 3)
            tissue += thumbnail.Pixels[i + 1] < 215 && thumbnail.Pixels[i] > 20 ? 1 : 0;
        Assert.InRange(tissue / (400.0 * 300), share - 0.02, share + 0.02);
    }

    [Fact]
    public void Nuclei_AreBlueWhereTheyAreSaidToLie()
    {
        using SyntheticSlide slide = SyntheticSlide.Parse("synthetic:4000x4000");
        var area = new Level0Rect(1500, 1500, 700, 600);
        var nuclei = slide.NucleiIn(area).ToList();
        Assert.InRange(nuclei.Count, 80, 300);
        RgbImage image = slide.ReadRegion(new LevelRect(0, 1400, 1400, 900, 800));
        long expected = 0;
        foreach ((Level0Point centre, double radius) in slide.NucleiIn(new Level0Rect(1400, 1400, 900, 800)))
        {
            expected += (long)(Math.PI * radius * radius);
            Assert.True(IsBlue(image, (int)centre.X - 1400, (int)centre.Y - 1400));
            Assert.InRange(radius * 0.25, 2.3, 4.1);
        }

        long blue = 0;
        for (int y = 0; y < 800; y++)
        {
            for (int x = 0; x < 900; x++)
                blue += IsBlue(image, x, y) ? 1 : 0;
        }

        Assert.InRange(blue / (double)expected, 0.93, 1.07);
    }

    [Theory]
    [InlineData("synthetic:")]
    [InlineData("synthetic:100")]
    [InlineData("synthetic:0x10")]
    [InlineData("synthetic:99999999x10")]
    [InlineData("synthetic:-5x10")]
    [InlineData("synthetic:100x100?mpp=0")]
    [InlineData("synthetic:100x100?tissue=2")]
    [InlineData("synthetic:100x100?colour=red")]
    public void Open_AddressThatIsWrong_ShowsARightOne(string address)
    {
        var e = Assert.Throws<SlideException>(() => Slide.Open(address));
        Assert.Contains(address.Split('?')[^1], e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("synthetic:1x1")]
    [InlineData("synthetic:3x2000")]
    [InlineData("synthetic:10000000x10000000")]
    public void ReadRegion_ExtremeSizes_Works(string address)
    {
        using ISlide slide = Slide.Open(address);
        SlideLevel full = slide.Levels[0];
        RgbImage corner = slide.ReadRegion(new LevelRect(0, full.Width - 1, full.Height - 1, 2, 2));
        Assert.NotEqual([255, 255, 255], corner.Pixels[..3]);
        Assert.Equal([255, 255, 255], corner.Pixels[9..]);
    }

    // The centroid of what is greener than anything but a mark, in pixels of the picture; pixel centres lie at halves.
    private static (double X, double Y) GreenCentre(RgbImage image)
    {
        double sum = 0, sx = 0, sy = 0;
        for (int y = 0; y < image.Height; y++)
        {
            for (int x = 0; x < image.Width; x++)
            {
                Span<byte> p = image.Row(y).Slice(x * 3, 3);
                double green = p[1] - Math.Max(p[0], p[2]);
                if (green <= 2)
                    continue;
                sum += green;
                sx += green * (x + 0.5);
                sy += green * (y + 0.5);
            }
        }

        Assert.True(sum > 0, "no mark in sight");
        return (sx / sum, sy / sum);
    }

    private static bool IsBlue(RgbImage image, int x, int y) => image.Row(y)[x * 3] < 120 && image.Row(y)[(x * 3) + 1] < 100;

    private static bool IsPrime(int n) => n > 1 && Enumerable.Range(2, (int)Math.Sqrt(n)).Where(k => k < n).All(k => n % k != 0);
}
