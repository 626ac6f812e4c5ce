using FsCheck;
using FsCheck.Fluent;

namespace Microtome.Imaging.Tests;

public class GridReaderTests
{
    private static readonly MemorySlide s_slide = new(Patterns.Noise(97, 83, 1));

    [Fact]
    public void ReadGrid_ScaleOne_CopiesPixels()
    {
        RgbImage read = s_slide.ReadGrid(new AnalysisGrid(1, 1), new GridRect(-5, -6, 110, 100));
        for (int y = 0; y < 100; y++)
        {
            for (int x = 0; x < 110; x++)
                Assert.Equal(s_slide.Sample(0, x - 5, y - 6, 1), read.Row(y)[(x * 3) + 1]);
        }
    }

    [Theory]
    [InlineData(0.5, 0.5)]
    [InlineData(0.37, 0.81)]
    [InlineData(1.1, 0.9)]
    [InlineData(1.24, 1.0)]
    [InlineData(2, 2)]
    [InlineData(1.5, 4)]
    [InlineData(3.7, 2.2)]
    [InlineData(40, 25)]
    public void ReadGrid_AnyScale_EqualsTheFormulaInDoublePrecision(double scaleX, double scaleY)
    {
        var region = new GridRect(-3, -2, (int)(97 / scaleX) + 6, (int)(83 / scaleY) + 6);
        RgbImage read = s_slide.ReadGrid(new AnalysisGrid(scaleX, scaleY), region);
        for (int y = 0; y < region.Height; y++)
        {
            var wy = Weights(region.Y + y, scaleY);
            for (int x = 0; x < region.Width; x++)
            {
                var wx = Weights(region.X + x, scaleX);
                for (int c = 0; c < 3; c++)
                {
                    double expected = wy.Sum(v => v.Weight * wx.Sum(h => h.Weight * s_slide.Sample(0, h.At, v.At, c)));
                    Assert.InRange(read.Row(y)[(x * 3) + c], expected - 0.6, expected + 0.6);
                }
            }
        }
    }

    [Fact]
    public void ReadGrid_CutInAnyWay_GivesTheSameBytes()
    {
        var property = Prop.ForAll(
            Gen.Choose(20, 700).Select(v => v / 100.0).Two().ToArbitrary(),
            Gen.Choose(-30, 80).Two().ToArbitrary(),
            Gen.Choose(1, 40).Two().ToArbitrary(),
            (scale, origin, size) =>
            {
                var grid = new AnalysisGrid(scale.Item1, scale.Item2);
                var whole = new GridRect(-30, -30, 160, 160);
                RgbImage all = s_slide.ReadGrid(grid, whole);
                var part = new GridRect(origin.Item1, origin.Item2, size.Item1, size.Item2);
                RgbImage tile = s_slide.ReadGrid(grid, part);
                for (int y = 0; y < part.Height; y++)
                {
                    if (!tile.Row(y).SequenceEqual(all.Row((int)(part.Y - whole.Y) + y).Slice((int)(part.X - whole.X) * 3, part.Width * 3)))
                        return false;
                }

                return true;
            });
        property.Check(Config.QuickThrowOnFailure.WithMaxTest(60));
    }

    [Fact]
    public void ReadGrid_Far_IsWhite()
    {
        RgbImage read = s_slide.ReadGrid(new AnalysisGrid(0.7, 3.1), new GridRect(5000, -5000, 20, 20));
        Assert.All(read.Pixels, sample => Assert.Equal(255, sample));
    }

    [Fact]
    public void ReadGrid_Pyramid_TakesTheSmallestLevelThatIsFineEnough()
    {
        using var slide = new MemorySlide(Patterns.Noise(640, 640, 1), Patterns.Noise(160, 160, 2), Patterns.Noise(40, 40, 3));
        Assert.Equal(0, GridReader.BestLevel(slide.Levels, new AnalysisGrid(0.5, 0.5)));
        Assert.Equal(0, GridReader.BestLevel(slide.Levels, new AnalysisGrid(3.9, 3.9)));
        Assert.Equal(1, GridReader.BestLevel(slide.Levels, new AnalysisGrid(4, 4)));
        Assert.Equal(1, GridReader.BestLevel(slide.Levels, new AnalysisGrid(15, 30)));
        Assert.Equal(2, GridReader.BestLevel(slide.Levels, new AnalysisGrid(16, 16)));
        RgbImage read = slide.ReadGrid(new AnalysisGrid(4, 4), new GridRect(3, 5, 20, 10));
        Assert.Equal(slide.ReadRegion(new LevelRect(1, 3, 5, 20, 10)).Pixels, read.Pixels);
    }

    [Fact]
    public void Thumbnail_LongSlide_KeepsTheShapeAndNeverEnlarges()
    {
        using ISlide slide = Slide.Open("synthetic:9000x300");
        Assert.Equal((900, 30), Size(slide.Thumbnail(900)));
        Assert.Equal((97, 83), Size(s_slide.Thumbnail(1000)));
        Assert.Equal((1, 1), Size(slide.Thumbnail(1)));
        static (int, int) Size(RgbImage image) => (image.Width, image.Height);
    }

    [Fact]
    public void Thumbnail_SlideWithoutPyramid_StaysWithinItsMemory()
    {
        // One grid row alone is 400 level rows of 40,000 pixels; the whole would be 400 Mpx.
        using var slide = new CountingSlide(40_000, 10_000);
        RgbImage image = slide.Thumbnail(100);
        Assert.Equal((100, 25), (image.Width, image.Height));
        Assert.InRange(slide.LargestRead, 1, 400L * 40_000);
        Assert.All(image.Pixels, sample => Assert.Equal(128, sample));
    }

    private static List<(long At, double Weight)> Weights(long i, double ratio)
    {
        var weights = new List<(long, double)>();
        if (ratio == 1)
        {
            weights.Add((i, 1));
        }
        else if (ratio < GridReader.AreaFrom)
        {
            double centre = ((i + 0.5) * ratio) - 0.5;
            long floor = (long)Math.Floor(centre);
            weights.Add((floor, 1 - (centre - floor)));
            weights.Add((floor + 1, centre - floor));
        }
        else
        {
            for (long at = (long)Math.Floor(i * ratio); at < (i + 1) * ratio; at++)
                weights.Add((at, (Math.Min(at + 1, (i + 1) * ratio) - Math.Max(at, i * ratio)) / ratio));
        }

        return weights;
    }

    private sealed class CountingSlide(int width, int height) : ISlide
    {
        public long LargestRead { get; private set; }

        public string Name => "counting";

        public string Path => "counting:";

        public string Format => "counting";

        public IReadOnlyList<SlideLevel> Levels { get; } = [new(width, height, 1)];

        public PixelSize? PixelSize => null;

        public IReadOnlyList<string> PixelSizeNotes => [];

        public IReadOnlyDictionary<string, string> Properties { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

        public void ReadRegion(LevelRect region, RgbImage destination)
        {
            LargestRead = Math.Max(LargestRead, (long)region.Width * region.Height);
            destination.Pixels.AsSpan().Fill(128);
        }

        public void Dispose()
        {
        }
    }
}
