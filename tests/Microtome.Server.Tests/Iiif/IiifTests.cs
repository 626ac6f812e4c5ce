using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Microtome.Imaging;

namespace Microtome.Server.Tests;

/// <summary>The rules of the IIIF Image API 3.0 and of its compliance document, level 2.</summary>
public sealed class IiifTests(IiifTests.OneServer one) : IClassFixture<IiifTests.OneServer>
{
    // 1003 x 701 px: primes, so that nothing divides evenly.
    private const int Width = 1003;
    private const int Height = 701;
    private const string Base = "/iiif/3/schnitt%20%E5%88%87%E7%89%87";
    private readonly RgbImage truth = one.Truth;
    private readonly RunningServer server = one.Server;

    [Theory]
    [InlineData("full/max", 1003, 701)]
    [InlineData("full/%5Emax", 4096, 2862)]
    [InlineData("square/max", 701, 701)]
    [InlineData("125,15,120,140/max", 120, 140)]
    [InlineData("900,600,200,200/max", 103, 101)]
    [InlineData("pct:50,50,10,20/max", 101, 140)]
    [InlineData("pct:90,90,66.6,100/max", 100, 70)]
    [InlineData("full/500,", 500, 349)]
    [InlineData("full/,500", 715, 500)]
    [InlineData("full/pct:50", 502, 350)]
    [InlineData("full/225,100", 225, 100)]
    [InlineData("full/!225,100", 143, 100)]
    [InlineData("full/!3000,3000", 1003, 701)]
    [InlineData("full/%5E!1500,1500", 1500, 1048)]
    [InlineData("full/%5E2000,", 2000, 1398)]
    [InlineData("full/%5E,1402", 2006, 1402)]
    [InlineData("full/%5Epct:150", 1504, 1052)]
    [InlineData("full/%5E1100,300", 1100, 300)]
    [InlineData("full/1,", 1, 1)]
    [InlineData("0,0,1,1/max", 1, 1)]
    public async Task Size_OfEveryForm_IsWhatTheSpecificationSays(string request, int width, int height)
    {
        var image = await server.PictureAsync($"{Base}/{request}/0/default.jpg");
        Assert.InRange(Math.Abs(image.Width - width), 0, 1);
        Assert.InRange(Math.Abs(image.Height - height), 0, 1);
    }

    [Theory]
    [InlineData("full/1004,/0/default.jpg")]
    [InlineData("full/,702/0/default.jpg")]
    [InlineData("full/pct:101/0/default.jpg")]
    [InlineData("full/1004,10/0/default.jpg")]
    [InlineData("full/%5E5000,/0/default.jpg")]
    [InlineData("full/%5Epct:900/0/default.jpg")]
    [InlineData("full/0,/0/default.jpg")]
    [InlineData("full/pct:0.01/0/default.jpg")]
    [InlineData("full/full/0/default.jpg")]
    [InlineData("full/,/0/default.jpg")]
    [InlineData("full/-5,/0/default.jpg")]
    [InlineData("full/5.5,/0/default.jpg")]
    [InlineData("full/%2B5,/0/default.jpg")]
    [InlineData("full/99999999999999999999,/0/default.jpg")]
    [InlineData("1003,0,10,10/max/0/default.jpg")]
    [InlineData("0,0,0,10/max/0/default.jpg")]
    [InlineData("-1,0,10,10/max/0/default.jpg")]
    [InlineData("0,0,10/max/0/default.jpg")]
    [InlineData("pct:100,0,10,10/max/0/default.jpg")]
    [InlineData("pct:1e1,0,10,10/max/0/default.jpg")]
    [InlineData("whole/max/0/default.jpg")]
    [InlineData("full/max/45/default.jpg")]
    [InlineData("full/max/361/default.jpg")]
    [InlineData("full/max/-90/default.jpg")]
    [InlineData("full/max/!!0/default.jpg")]
    [InlineData("full/max/0/native.jpg")]
    [InlineData("full/max/0/default.bmp")]
    public async Task Request_ThatIsWrong_Is400WithASentence(string request)
    {
        var (status, error) = await server.FailureAsync($"{Base}/{request}");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.EndsWith(".", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Information_Document_HasWhatTheSpecificationRequires()
    {
        using var answer = await server.Client.GetAsync($"{Base}/info.json");
        Assert.Equal("application/ld+json", answer.Content.Headers.ContentType!.MediaType);
        Assert.Contains("level2.json>;rel=\"profile\"", string.Join(",", answer.Headers.GetValues("Link")), StringComparison.Ordinal);
        var info = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!.AsObject();
        Assert.Equal("@context", info.First().Key);
        Assert.Equal("http://iiif.io/api/image/3/context.json", (string?)info["@context"]);
        Assert.Equal($"http://localhost{Base}", (string?)info["id"]);
        Assert.Equal(("ImageService3", "http://iiif.io/api/image", "level2"), ((string?)info["type"], (string?)info["protocol"], (string?)info["profile"]));
        Assert.Equal((Width, Height), ((int)info["width"]!, (int)info["height"]!));

        // What is listed must be supported, within the limits.
        foreach (var size in info["sizes"]!.AsArray())
        {
            Assert.True((int)size!["width"]! <= (int)info["maxWidth"]! && (int)size["height"]! <= (int)info["maxHeight"]!);
            var image = await server.PictureAsync($"{Base}/full/{size["width"]},{size["height"]}/0/default.jpg");
            Assert.Equal(((int)size["width"]!, (int)size["height"]!), (image.Width, image.Height));
        }

        using var plain = new HttpRequestMessage(HttpMethod.Get, $"{Base}/info.json");
        plain.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        using var json = await server.Client.SendAsync(plain);
        Assert.Equal("application/json", json.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task Tiles_ByTheFormulaOfTheImplementationNotes_MakeUpThePicture()
    {
        var info = await server.JsonAsync($"{Base}/info.json");
        int side = (int)info["tiles"]![0]!["width"]!;
        foreach (int s in info["tiles"]![0]!["scaleFactors"]!.AsArray().Select(f => (int)f!))
        {
            var whole = new RgbImage((Width + s - 1) / s, (Height + s - 1) / s);
            for (int m = 0; m * side * s < Height; m++)
            {
                for (int n = 0; n * side * s < Width; n++)
                {
                    int xr = n * side * s, yr = m * side * s;
                    int wr = Math.Min(side * s, Width - xr), hr = Math.Min(side * s, Height - yr);
                    int ws = Math.Min(side, (Width - xr + s - 1) / s), hs = Math.Min(side, (Height - yr + s - 1) / s);
                    var tile = await server.PictureAsync(string.Create(CultureInfo.InvariantCulture, $"{Base}/{xr},{yr},{wr},{hr}/{ws},{hs}/0/default.png"));
                    Assert.Equal((ws, hs), (tile.Width, tile.Height));
                    Pictures.Paste(tile, whole, n * side, m * side);
                }
            }

            Assert.InRange(Pictures.MeanDifference(whole, Pictures.Shrink(truth, s)), 0, 0.6);
        }
    }

    [Fact]
    public async Task Region_AtFullSize_HasThePixelsOfTheSlide()
    {
        var image = await server.PictureAsync($"{Base}/311,97,229,331/max/0/default.png");
        for (int y = 0; y < 331; y++)
            Assert.Equal(truth.Row(97 + y).Slice(3 * 311, 3 * 229).ToArray(), image.Row(y).ToArray());
    }

    [Theory]
    [InlineData("0", 0, 0, 3, 0)]
    [InlineData("90", 3, 0, 3, 3)]
    [InlineData("180", 3, 3, 0, 3)]
    [InlineData("270", 0, 3, 0, 0)]
    [InlineData("360", 0, 0, 3, 0)]
    [InlineData("!0", 3, 0, 0, 0)]
    [InlineData("!90", 3, 3, 3, 0)]
    [InlineData("!180", 0, 3, 3, 3)]
    public async Task Rotation_IsClockwiseAfterMirroring(string rotation, int redX, int redY, int blueX, int blueY)
    {
        // Red at the top left, blue at the top right of a white square.
        var image = await server.PictureAsync($"/iiif/3/square/full/max/{rotation}/default.png");
        Assert.Equal([255, 0, 0], image.Row(redY).Slice(3 * redX, 3).ToArray());
        Assert.Equal([0, 0, 255], image.Row(blueY).Slice(3 * blueX, 3).ToArray());
    }

    [Fact]
    public async Task Rotation_ByAQuarter_ExchangesTheSides()
    {
        var image = await server.PictureAsync($"{Base}/full/200,100/90/default.jpg");
        Assert.Equal((100, 200), (image.Width, image.Height));
    }

    [Fact]
    public async Task Quality_GrayAndBitonal_AreWhatTheySay()
    {
        var colour = await server.PictureAsync($"{Base}/0,0,300,300/max/0/color.png");
        var gray = await server.PictureAsync($"{Base}/0,0,300,300/max/0/gray.png");
        var bitonal = await server.PictureAsync($"{Base}/0,0,300,300/max/0/bitonal.png");
        for (int i = 0; i < gray.Pixels.Length; i += 3)
        {
            Assert.True(gray.Pixels[i] == gray.Pixels[i + 1] && gray.Pixels[i] == gray.Pixels[i + 2]);
            Assert.InRange(gray.Pixels[i] - ((0.299 * colour.Pixels[i]) + (0.587 * colour.Pixels[i + 1]) + (0.114 * colour.Pixels[i + 2])), -0.51, 0.51);
        }

        Assert.Equal(new byte[] { 0, 255 }, bitonal.Pixels.Distinct().Order().ToArray());
    }

    [Fact]
    public async Task Base_Address_LeadsToTheInformation()
    {
        using var answer = await server.Client.GetAsync(Base);
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        Assert.Equal($"http://localhost{Base}/info.json", answer.Headers.Location!.AbsoluteUri);
    }

    [Theory]
    [InlineData("0,0,1003,701/1003,701/360/color.jpg", "full/max/0/default.jpg")]
    [InlineData("pct:0,0,100,100/pct:50/!90/gray.png", "full/502,350/!90/gray.png")]
    [InlineData("square/%5E1402,/0/default.jpg", "151,0,701,701/%5E1402,1402/0/default.jpg")]
    public async Task Picture_Answer_NamesItsCanonicalAddress(string request, string canonical)
    {
        using var answer = await server.Client.GetAsync($"{Base}/{request}");
        Assert.Contains($"<http://localhost{Base}/{canonical}>;rel=\"canonical\"", string.Join(",", answer.Headers.GetValues("Link")), StringComparison.Ordinal);
        using var other = await server.Client.GetAsync($"{Base}/{canonical}");
        Assert.Equal(await answer.Content.ReadAsByteArrayAsync(), await other.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task StoredTile_AskedForByIiif_IsTheOneOfTheFile()
    {
        Assert.Equal(
            await server.BytesAsync("/slides/cmu-1-small-region_files/12/3_4.jpeg"),
            await server.BytesAsync("/iiif/3/cmu-1-small-region/720,960,240,240/240,240/0/default.jpg"));
        Assert.Equal(
            await server.BytesAsync("/slides/cmu-1-small-region_files/11/2_1.jpeg"),
            await server.BytesAsync("/iiif/3/cmu-1-small-region/960,480,480,480/240,240/0/default.jpg"));
    }

    /// <summary>One server for all of these tests.</summary>
    public sealed class OneServer : IAsyncLifetime
    {
        private readonly TemporaryFolder folder = new();

        internal RgbImage Truth { get; private set; } = null!;

        internal RunningServer Server { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            using var slide = Slide.Open($"synthetic:{Width}x{Height}");
            Truth = slide.ReadRegion(new LevelRect(0, 0, 0, Width, Height));
            ImageFile.WritePng(folder["schnitt 切片.png"], Truth);
            var square = new RgbImage(4, 4);
            square.Pixels.AsSpan().Fill(255);
            square.Pixels[1] = square.Pixels[2] = square.Pixels[9] = square.Pixels[10] = 0;
            ImageFile.WritePng(folder["square.png"], square);
            Server = await RunningServer.WithSlidesAsync(folder["schnitt 切片.png"], folder["square.png"], Samples.Slide);
        }

        public async ValueTask DisposeAsync()
        {
            await Server.DisposeAsync();
            folder.Dispose();
        }
    }
}
