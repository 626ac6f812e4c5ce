namespace Microtome.Imaging.Tests;

public class ImageFileTests
{
    [Fact]
    public void Png_RoundTrip_IsExact()
    {
        using var folder = new TemporaryFolder();
        RgbImage image = Patterns.Noise(131, 77, 9);
        ImageFile.WritePng(folder["子目录/a b.png"], image);
        Assert.Equal(image.Pixels, ImageFile.ReadRgb(folder["子目录/a b.png"]).Pixels);
    }

    [Fact]
    public void Jpeg_RoundTrip_IsClose()
    {
        using var folder = new TemporaryFolder();
        RgbImage image = Patterns.Waves(200, 150);
        ImageFile.WriteJpeg(folder["a.jpg"], image, 95);
        RgbImage read = ImageFile.ReadRgb(folder["a.jpg"]);
        Assert.Equal((200, 150), (read.Width, read.Height));
        double mean = image.Pixels.Zip(read.Pixels, (a, b) => Math.Abs(a - b)).Average();
        Assert.InRange(mean, 0, 1.5);
        Assert.InRange(Encoder.Jpeg(image, 20).Length, 1, Encoder.Jpeg(image, 95).Length - 1);
    }

    [Fact]
    public void ReadGray_MaskWritten_ComesBack()
    {
        using var folder = new TemporaryFolder();
        var mask = new Raster<byte>(33, 21);
        new Random(2).NextBytes(mask.Samples);
        ImageFile.WritePng(folder["m.png"], mask);
        Assert.Equal(mask.Samples, ImageFile.ReadGray(folder["m.png"]).Samples);
        RgbImage rgb = ImageFile.ReadRgb(folder["m.png"]);
        for (int i = 0; i < mask.Samples.Length; i++)
            Assert.Equal([mask.Samples[i], mask.Samples[i], mask.Samples[i]], rgb.Pixels[(i * 3)..((i * 3) + 3)]);
    }

    [Theory]
    [InlineData("a.png", 65_535)]
    [InlineData("a.png", 16_777_215)]
    [InlineData("a.tif", 2_000_000_000)]
    public void Labels_RoundTrip_IsExact(string name, int largest)
    {
        using var folder = new TemporaryFolder();
        var random = new Random(4);
        var labels = new Raster<int>(57, 43);
        for (int i = 0; i < labels.Samples.Length; i++)
            labels.Samples[i] = random.Next(3) == 0 ? 0 : random.Next(largest);
        labels.Samples[100] = largest;
        LabelImage.Write(folder[name], labels);
        Assert.Equal(labels.Samples, LabelImage.Read(folder[name]).Samples);
    }

    [Fact]
    public void Labels_OfSixteenBits_AreAGreyPngOfSixteenBits()
    {
        using var folder = new TemporaryFolder();
        var labels = new Raster<int>(5, 4);
        labels[2, 3] = 40_000;
        LabelImage.Write(folder["a.png"], labels);
        byte[] bytes = File.ReadAllBytes(folder["a.png"]);
        Assert.Equal(16, bytes[24]);
        Assert.Equal(0, bytes[25]);
    }

    [Fact]
    public void Labels_ThatDoNotFit_AreRefused()
    {
        using var folder = new TemporaryFolder();
        var labels = new Raster<int>(2, 2);
        labels[0, 0] = 16_777_216;
        Assert.Throws<ArgumentException>(() => LabelImage.Write(folder["a.png"], labels));
        labels[0, 0] = -1;
        Assert.Throws<ArgumentException>(() => LabelImage.Write(folder["a.tif"], labels));
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void ReadRgb_Truncated_IsAnError()
    {
        using var folder = new TemporaryFolder();
        byte[] png = Encoder.Png(Patterns.Noise(200, 200, 1));
        File.WriteAllBytes(folder["a.png"], png[..(png.Length / 2)]);
        var e = Assert.Throws<SlideException>(() => ImageFile.ReadRgb(folder["a.png"]));
        Assert.Contains(folder["a.png"], e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AtomicFile_WriterThatFails_LeavesTheOldFileAndNothingElse()
    {
        using var folder = new TemporaryFolder();
        AtomicFile.WriteAllText(folder["a.txt"], "old");
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(folder["a.txt"], temporary =>
        {
            File.WriteAllText(temporary, "half");
            throw new InvalidOperationException();
        }));
        Assert.Equal("old", File.ReadAllText(Assert.Single(Directory.GetFiles(folder.Path))));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Profile_Attached_IsReadBack(bool png)
    {
        using var folder = new TemporaryFolder();
        byte[] icc = File.ReadAllBytes(Samples.Data("srgb.icc"));
        RgbImage image = Patterns.Waves(64, 64);
        File.WriteAllBytes(folder["a"], png ? Encoder.Png(image, icc: icc) : Encoder.Jpeg(image, icc: icc));
        using ISlide slide = Slide.Open(folder["a"]);
        Assert.Equal(icc, ((IColourProfile)slide).IccProfile);
    }
}
