namespace Microtome.Imaging.Tests;

public class SlidePixelSizeTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void PixelSize_Centimetres_IsRead(bool tiled) => AssertSize(new TinyTiff { Tiled = tiled, XResolution = (40_000, 1), YResolution = (40_000, 1), Unit = 3 }, 0.25, 0.25);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void PixelSize_Inches_IsRead(bool tiled) => AssertSize(new TinyTiff { Tiled = tiled, XResolution = (50_800, 1), YResolution = (50_800, 1), Unit = 2 }, 0.5, 0.5);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void PixelSize_FourDecimals_IsKept(bool tiled) => AssertSize(new TinyTiff { Tiled = tiled, XResolution = (100_000_000, 2499), YResolution = (100_000_000, 2499), Unit = 3 }, 0.2499, 0.2499);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void PixelSize_NotSquare_KeepsBothAxes(bool tiled)
    {
        using var folder = new TemporaryFolder();
        new TinyTiff { Tiled = tiled, XResolution = (40_000, 1), YResolution = (20_000, 1), Unit = 3 }.Write(folder["a.tif"]);
        using ISlide slide = Slide.Open(folder["a.tif"]);
        Assert.Equal(0.25, slide.PixelSize!.X, 6);
        Assert.Equal(0.5, slide.PixelSize.Y, 6);
        Assert.Contains(slide.PixelSizeNotes, note => note.Contains("not square", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 1)]
    [InlineData(true, null)]
    [InlineData(false, null)]
    public void PixelSize_NoUnit_IsUnknownAndTheErrorNamesTheOption(bool tiled, int? unit)
    {
        // Without a unit tag TIFF means inches, but 40,000 per inch with no unit written is not to be trusted either way.
        using var folder = new TemporaryFolder();
        new TinyTiff { Tiled = tiled, XResolution = unit is null ? null : (40_000, 1), YResolution = unit is null ? null : (40_000, 1), Unit = unit }.Write(folder["a.tif"]);
        using ISlide slide = Slide.Open(folder["a.tif"]);
        Assert.Null(slide.PixelSize);
        var e = Assert.Throws<SlideException>(() => slide.RequirePixelSize());
        Assert.Contains("--mpp", e.Message, StringComparison.Ordinal);
        Assert.Contains(folder["a.tif"], e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void PixelSize_ScreenResolution_IsNoStatementAboutTheSpecimen()
    {
        using var folder = new TemporaryFolder();
        new TinyTiff { XResolution = (72, 1), YResolution = (72, 1), Unit = 2 }.Write(folder["a.tif"]);
        using ISlide slide = Slide.Open(folder["a.tif"]);
        Assert.Null(slide.PixelSize);
    }

    [Fact]
    public void PixelSize_VendorAndTagDisagree_TakesTheVendorAndNotesBoth()
    {
        using var folder = new TemporaryFolder();
        new TinyTiff { XResolution = (40_000, 1), YResolution = (40_000, 1), Unit = 3, Description = "Aperio Image Library v1\n256x256 |AppMag = 20|MPP = 0.4990" }.Write(folder["a.svs"]);
        using ISlide slide = Slide.Open(folder["a.svs"]);
        Assert.Equal("aperio", slide.Format);
        Assert.Equal(new PixelSize(0.499, 0.499, PixelSizeSource.Vendor), slide.PixelSize);
        string note = Assert.Single(slide.PixelSizeNotes);
        Assert.Contains("0.499", note, StringComparison.Ordinal);
        Assert.Contains("0.25", note, StringComparison.Ordinal);
    }

    [Fact]
    public void PixelSize_TenTimesOff_IsContradictedByTheMagnification()
    {
        using var folder = new TemporaryFolder();
        new TinyTiff { Description = "Aperio Image Library v1\n256x256 |AppMag = 20|MPP = 4.990" }.Write(folder["a.svs"]);
        using ISlide slide = Slide.Open(folder["a.svs"]);
        Assert.Equal(4.99, slide.PixelSize!.X);
        string note = Assert.Single(slide.PixelSizeNotes);
        Assert.Contains("4.99", note, StringComparison.Ordinal);
        Assert.Contains("20x", note, StringComparison.Ordinal);
        Assert.Contains("0.5", note, StringComparison.Ordinal);
    }

    [Fact]
    public void PixelSize_Absurd_IsNotUsedAndTheErrorSaysWhy()
    {
        using var folder = new TemporaryFolder();
        new TinyTiff { Description = "Aperio Image Library v1\n256x256 |AppMag = 40|MPP = 252.0" }.Write(folder["a.svs"]);
        using ISlide slide = Slide.Open(folder["a.svs"]);
        Assert.Null(slide.PixelSize);
        var e = Assert.Throws<SlideException>(() => slide.RequirePixelSize());
        Assert.Contains("252", e.Message, StringComparison.Ordinal);
        Assert.Contains("--mpp", e.Message, StringComparison.Ordinal);
        Assert.Contains("40x", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void PixelSize_MagnificationAlone_IsAHintAndNoValue()
    {
        using var folder = new TemporaryFolder();
        new TinyTiff { Description = "Aperio Image Library v1\n256x256 |AppMag = 40" }.Write(folder["a.svs"]);
        using ISlide slide = Slide.Open(folder["a.svs"]);
        Assert.Null(slide.PixelSize);
        Assert.Contains("--mpp 0.25", Assert.Single(slide.PixelSizeNotes), StringComparison.Ordinal);
    }

    [Fact]
    public void PixelSize_GivenByTheUser_GoesFirstAndIsCompared()
    {
        using ISlide slide = Slide.Open(Samples.DemoSlide, new PixelSize(0.25, 0.25, PixelSizeSource.User));
        Assert.Equal(new PixelSize(0.25, 0.25, PixelSizeSource.User), slide.PixelSize);
        Assert.Contains(slide.PixelSizeNotes, note => note.Contains("0.25", StringComparison.Ordinal) && note.Contains("0.499", StringComparison.Ordinal));
    }

    private static void AssertSize(TinyTiff tiff, double x, double y)
    {
        using var folder = new TemporaryFolder();
        tiff.Write(folder["a.tif"]);
        using ISlide slide = Slide.Open(folder["a.tif"]);
        Assert.Equal(x, slide.RequirePixelSize().X, 7);
        Assert.Equal(y, slide.RequirePixelSize().Y, 7);
        Assert.Equal(PixelSizeSource.ResolutionTag, slide.PixelSize!.Source);
        Assert.Empty(slide.PixelSizeNotes);
    }
}
