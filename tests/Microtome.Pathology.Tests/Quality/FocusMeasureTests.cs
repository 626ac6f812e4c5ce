using Microtome.Imaging;

namespace Microtome.Pathology.Tests;

public sealed class FocusMeasureTests
{
    // Optical density that varies by a wave along x; densities are rounded to bytes.
    private static RgbImage Wave(double radians, double strength, int side = 256)
    {
        var image = new RgbImage(side, side);
        for (int y = 0; y < side; y++)
        {
            for (int x = 0; x < side; x++)
                image.Row(y).Slice(x * 3, 3).Fill((byte)Math.Round(255 * Math.Pow(10, -(0.5 + (strength * Math.Sin(radians * x))))));
        }

        return image;
    }

    [Theory]
    [InlineData(0.35)]
    [InlineData(0.5)]
    [InlineData(1.2)]
    public void Sharpness_OfAWave_IsTheClosedForm(double radians)
    {
        double expected = (1 - Math.Cos(radians)) / Math.Abs(1 - Math.Cos(4 * radians));

        Assert.Equal(expected, FocusMeasure.Sharpness(Wave(radians, 0.35))!.Value, 0.03 * expected);
    }

    [Fact]
    public void Sharpness_OfWhiteNoise_IsOne()
    {
        var random = new Random(5);
        var image = new RgbImage(256, 256);
        for (int i = 0; i < image.Pixels.Length; i += 3)
            image.Pixels.AsSpan(i, 3).Fill((byte)random.Next(60, 200));

        Assert.Equal(1, FocusMeasure.Sharpness(image)!.Value, 0.02);
    }

    [Fact]
    public void Sharpness_OfTwiceTheStain_IsTheSame()
    {
        double pale = FocusMeasure.Sharpness(Wave(1.1, 0.15))!.Value, dark = FocusMeasure.Sharpness(Wave(1.1, 0.3))!.Value;

        Assert.Equal(pale, dark, 0.02 * pale);
    }

    [Fact]
    public void Sharpness_FallsWithBlur_OnTheBundledSlide()
    {
        using var slide = Slide.Open(Path.Combine(Root(), "samples", "cmu-1-small-region.svs"));
        var sharp = slide.ReadRegion(new LevelRect(0, 700, 900, 512, 512));
        double last = FocusMeasure.Sharpness(sharp)!.Value;
        Assert.InRange(last, 0.25, 0.45);
        foreach (double sigma in (double[])[0.6, 1, 2])
        {
            double next = FocusMeasure.Sharpness(Blurred(sharp, sigma))!.Value;
            Assert.True(next < 0.8 * last, $"{sigma}: {next} after {last}");
            last = next;
        }

        Assert.True(last < FocusMeasure.BlurredBelow);
    }

    [Fact]
    public void Run_BlurredPictureThatEndsWithinASquare_ItsBorderIsNoDetail()
    {
        string root = Directory.CreateTempSubdirectory("blurred ").FullName;
        try
        {
            using (var slide = Slide.Open(Path.Combine(Root(), "samples", "cmu-1-small-region.svs")))
            {
                // 400 of 512 pixels: the second square of each row ends at the picture's border, beyond which it is white.
                foreach (var (name, sigma) in (ReadOnlySpan<(string, double)>)[("sharp", 0), ("blurred", 2)])
                    ImageFile.WritePng(Path.Combine(root, name + ".png"), Blurred(slide.ReadRegion(new LevelRect(0, 600, 900, 400, 400)), sigma));
            }

            using var analysis = new SlideAnalysis(new AnalysisSettings { Output = Path.Combine(root, "out"), Threads = 1, Nuclei = false }, null, new SilentLog());
            foreach (var (name, blurred) in (ReadOnlySpan<(string, double)>)[("sharp", 0), ("blurred", 1)])
            {
                analysis.Run(new SlideInput(Path.Combine(root, name + ".png"), 0.5), CancellationToken.None);
                var focus = SlideQuality.Read(Path.Combine(root, "out", name, SlideQuality.FileName)).Focus!;
                Assert.InRange(focus.Tiles, 1, 4);
                Assert.Equal(blurred, focus.BlurredFraction);
            }
        }
        finally
        {
            Directory.Delete(root, true);
        }
    }

    [Fact]
    public void Sharpness_OfAFlatOrTinyPicture_IsNotSaid()
    {
        var flat = new RgbImage(64, 64);
        Array.Fill(flat.Pixels, (byte)180);

        Assert.Null(FocusMeasure.Sharpness(flat));
        Assert.Null(FocusMeasure.Sharpness(Wave(1, 0.3, 8)));
    }

    private static string Root()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Microtome.slnx")))
            folder = folder.Parent;
        return folder.FullName;
    }

    private static RgbImage Blurred(RgbImage image, double sigma)
    {
        var result = new RgbImage(image.Width, image.Height);
        for (int c = 0; c < 3; c++)
        {
            var plane = new Raster<float>(image.Width, image.Height);
            for (int i = 0; i < plane.Samples.Length; i++)
                plane.Samples[i] = image.Pixels[(3 * i) + c];
            plane = GaussianBlur.Apply(plane, sigma);
            for (int i = 0; i < plane.Samples.Length; i++)
                result.Pixels[(3 * i) + c] = (byte)Math.Round(plane.Samples[i]);
        }

        return result;
    }
}
