using System.Globalization;
using System.Net;
using System.Xml.Linq;
using Microtome.Imaging;

namespace Microtome.Server.Tests;

public sealed class DeepZoomTests
{
    private static readonly XNamespace s_deepZoom = "http://schemas.microsoft.com/deepzoom/2008";

    [Theory]
    [InlineData("bundled")]
    [InlineData("1500x1100")]
    [InlineData("257x4099")]
    [InlineData("1x1")]
    public async Task Pyramid_AnySlide_FollowsTheRulesOfDeepZoom(string slide)
    {
        // The reader's own levels may be made by another rule than means, so the slides have one level.
        using var folder = new TemporaryFolder();
        string path = slide == "bundled" ? Samples.Slide : folder["picture.png"];
        if (slide != "bundled")
        {
            using var synthetic = Slide.Open("synthetic:" + slide);
            ImageFile.WritePng(path, synthetic.ReadRegion(new LevelRect(0, 0, 0, (int)synthetic.Levels[0].Width, (int)synthetic.Levels[0].Height)));
        }

        await using var server = await RunningServer.WithSlidesAsync(path);
        string id = server.Get<ResultCatalog>().All[0].Id;
        var xml = XDocument.Parse(System.Text.Encoding.UTF8.GetString(await server.BytesAsync($"/slides/{id}.dzi"))).Root!;
        Assert.Equal(s_deepZoom + "Image", xml.Name);
        Assert.Equal("jpeg", (string?)xml.Attribute("Format"));
        Assert.Equal(0, (int)xml.Attribute("Overlap")!);
        int side = (int)xml.Attribute("TileSize")!;
        long width = (long)xml.Element(s_deepZoom + "Size")!.Attribute("Width")!;
        long height = (long)xml.Element(s_deepZoom + "Size")!.Attribute("Height")!;

        using var direct = Slide.Open(path);
        Assert.Equal((direct.Levels[0].Width, direct.Levels[0].Height), (width, height));
        int most = (int)Math.Ceiling(Math.Log2(Math.Max(width, height)));
        for (int level = 0; level <= most; level++)
        {
            double scale = Math.Pow(2, most - level);
            int levelWidth = (int)Math.Ceiling(width / scale);
            int levelHeight = (int)Math.Ceiling(height / scale);
            int across = (levelWidth + side - 1) / side;
            int down = (levelHeight + side - 1) / side;
            var whole = new RgbImage(levelWidth, levelHeight);
            for (int y = 0; y < down; y++)
            {
                for (int x = 0; x < across; x++)
                {
                    var tile = await server.PictureAsync($"/slides/{id}_files/{level}/{x}_{y}.jpeg");
                    Assert.Equal(Math.Min(side, levelWidth - (x * side)), tile.Width);
                    Assert.Equal(Math.Min(side, levelHeight - (y * side)), tile.Height);
                    Pictures.Paste(tile, whole, x * side, y * side);
                }
            }

            foreach (string beyond in (string[])[$"{across}_0", $"0_{down}", "-1_0", "0_-1"])
                Assert.Equal(HttpStatusCode.NotFound, (await server.FailureAsync($"/slides/{id}_files/{level}/{beyond}.jpeg")).Status);

            // Means of level-0 pixels, computed here and not by the reader under test; what JPEG does to that picture is the error that is allowed.
            if (scale <= 64)
            {
                var truth = Pictures.Shrink(direct.ReadRegion(new LevelRect(0, 0, 0, (int)width, (int)height)), (int)scale);
                double jpeg = Pictures.MeanDifference(truth, ImageFile.DecodeRgb(Encoder.Jpeg(truth, SlideTiles.Quality), "truth"));
                Assert.InRange(Pictures.MeanDifference(whole, truth), 0, (1.1 * jpeg) + 0.5);
            }
        }

        foreach (int level in (int[])[-1, most + 1, 100])
            Assert.Equal(HttpStatusCode.NotFound, (await server.FailureAsync($"/slides/{id}_files/{level.ToString(CultureInfo.InvariantCulture)}/0_0.jpeg")).Status);
    }

    [Fact]
    public async Task StoredTiles_BundledSlide_DecodeToTheBytesThatTheReaderGives()
    {
        await using var server = await RunningServer.WithSlidesAsync(Samples.Slide);
        using var direct = Slide.Open(Samples.Slide);
        for (int y = 0; y < 12; y++)
        {
            for (int x = 0; x < 9; x++)
            {
                // Decoded by libvips and libjpeg from what was sent; by OpenSlide from the file.
                var sent = await server.PictureAsync($"/slides/cmu-1-small-region_files/12/{x}_{y}.jpeg");
                Assert.Equal(direct.ReadRegion(new LevelRect(0, x * 240, y * 240, 240, 240)).Pixels, sent.Pixels);
            }
        }
    }

    [Theory]
    [InlineData(1024)]
    [InlineData(256)]
    [InlineData(128)]
    [InlineData(32)]
    public void Overview_FromStoredTiles_IsTheMeanOfThePixels(int side)
    {
        // A smaller overview stands for a larger slide: 32 px take tiles at an eighth and means of 16 x 16 of those.
        using var slide = Slide.Open(Samples.Slide);
        using var tiles = new SlideTiles(slide, "key|1", side);
        var pixels = slide.ReadRegion(new LevelRect(0, 0, 0, 2220, 2967));
        int level = (int)Math.Log2(side);
        var (width, height) = tiles.DeepZoom.SizeOf(level);
        var truth = Pictures.Shrink(pixels, 1 << (12 - level));
        var overview = tiles.ReadDeepZoom(level, new Microtome.Imaging.GridRect(0, 0, (int)width, (int)height));
        Assert.InRange(Pictures.MeanDifference(overview, truth), 0, 0.6);
    }

    [Theory]
    [InlineData(80)]
    [InlineData(95)]
    public async Task StoredTiles_Pyramid_AreHandedOnAtEveryLevel(int quality)
    {
        using var folder = new TemporaryFolder();
        using (var synthetic = Slide.Open("synthetic:1100x900"))
            PyramidWriter.WriteTiff(synthetic, folder["p.tiff"], new PyramidOptions { Quality = quality, Tile = 128 });
        await using var server = await RunningServer.WithSlidesAsync(folder["p.tiff"]);
        byte[] file = await File.ReadAllBytesAsync(folder["p.tiff"]);
        using var direct = Slide.Open(folder["p.tiff"]);
        var image = await server.JsonAsync("/api/slides/p/image");
        Assert.True(direct.Levels.Count >= 3);
        for (int level = 0; level < direct.Levels.Count; level++)
        {
            Assert.True((bool)image["levels"]![level]!["stored"]!);
            // A whole tile: what is sent is a stretch of the file behind a head, and both decoders agree.
            byte[] sent = await server.BytesAsync($"/slides/p/tiles/{level}/0/0");
            Assert.True(file.AsSpan().IndexOf(sent.AsSpan(sent.Length / 2)) > 0);
            Assert.Equal(sent, await server.BytesAsync($"/slides/p_files/{11 - level}/0_0.jpeg"));
            Assert.Equal(direct.ReadRegion(new LevelRect(level, 0, 0, 128, 128)).Pixels, ImageFile.DecodeRgb(sent, "tile").Pixels);
            // Those at the border are padded in the file and cut here.
            var (width, height) = ((int)direct.Levels[level].Width, (int)direct.Levels[level].Height);
            var last = await server.PictureAsync($"/slides/p/tiles/{level}/{(width - 1) / 128}/{(height - 1) / 128}");
            Assert.Equal((((width - 1) % 128) + 1, ((height - 1) % 128) + 1), (last.Width, last.Height));
        }
    }

    [Fact]
    public async Task Tile_AskedForAgain_IsNotSentAgain()
    {
        await using var server = await RunningServer.WithSlidesAsync(Samples.Slide);
        using var first = await server.Client.GetAsync("/slides/cmu-1-small-region_files/10/0_0.jpeg");
        var tag = first.Headers.ETag!;
        Assert.Equal("image/jpeg", first.Content.Headers.ContentType!.MediaType);
        Assert.True(first.Headers.CacheControl!.Private);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/slides/cmu-1-small-region_files/10/0_0.jpeg");
        request.Headers.IfNoneMatch.Add(tag);
        using var second = await server.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        Assert.Empty(await second.Content.ReadAsByteArrayAsync());
    }
}
