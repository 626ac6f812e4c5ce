using Microtome.Imaging;
using Microtome.Pathology;

namespace Microtome.Server.Tests;

/// <summary>A green cross at a known prime place of a synthetic slide is where every view shows it, within a pixel of that view.</summary>
public sealed class CoordinateTests : IDisposable
{
    private const int Width = 3001;
    private const int Height = 2003;
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task DeepZoom_Marks_LieWhereTheyAre()
    {
        // Dark squares of 16 px on white; their corners are primes.
        (int X, int Y)[] corners = [(97, 101), (1009, 509), (2971, 1973), (251, 1499)];
        var picture = new RgbImage(Width, Height);
        picture.Pixels.AsSpan().Fill(255);
        foreach (var (x, y) in corners)
        {
            for (int v = 0; v < 16; v++)
                picture.Row(y + v).Slice(3 * x, 48).Clear();
        }

        ImageFile.WritePng(folder["marks.png"], picture);
        await using var server = await RunningServer.WithSlidesAsync(folder["marks.png"]);
        for (int level = 8; level <= 12; level++)
        {
            int d = 1 << (12 - level);
            var whole = new RgbImage((Width + d - 1) / d, (Height + d - 1) / d);
            for (int y = 0; y * 256 < whole.Height; y++)
            {
                for (int x = 0; x * 256 < whole.Width; x++)
                    Pictures.Paste(await server.PictureAsync($"/slides/marks_files/{level}/{x}_{y}.jpeg"), whole, x * 256, y * 256);
            }

            foreach (var (x, y) in corners)
            {
                // The centre of what is dark around the place.
                double sum = 0, sumX = 0, sumY = 0;
                for (int v = Math.Max(0, (y / d) - 20); v < Math.Min(whole.Height, (y / d) + 36); v++)
                {
                    for (int u = Math.Max(0, (x / d) - 20); u < Math.Min(whole.Width, (x / d) + 36); u++)
                    {
                        double dark = Math.Max(0, 235 - whole.Row(v)[(3 * u) + 1]);
                        sum += dark;
                        sumX += dark * (u + 0.5);
                        sumY += dark * (v + 0.5);
                    }
                }

                Assert.InRange(Math.Abs((sumX / sum * d) - (x + 8)), 0, 0.5 * d);
                Assert.InRange(Math.Abs((sumY / sum * d) - (y + 8)), 0, 0.5 * d);
            }
        }
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(2.0)]
    [InlineData(2.7)]
    [InlineData(0.6)]
    public async Task Iiif_Cross_LiesWhereItIs(double d)
    {
        string slide = $"synthetic:{Width}x{Height}";
        await using var server = await RunningServer.WithSlidesAsync(slide);
        string id = server.Get<ResultCatalog>().All[0].Id;
        using var synthetic = SyntheticSlide.Parse(slide);
        foreach (var mark in synthetic.Marks.Where(m => m.X is > 150 and < Width - 150 && m.Y is > 150 and < Height - 150))
        {
            // A region whose corner fits no grid.
            int x = (int)mark.X - 101, y = (int)mark.Y - 67;
            int w = (int)(211 / d), h = (int)(173 / d);
            var image = await server.PictureAsync($"/iiif/3/{id}/{x},{y},211,173/%5E{w},{h}/0/default.png");
            var found = Greenest(image, (int)((mark.X - x) * w / 211), (int)((mark.Y - y) * h / 173));
            Assert.InRange(Math.Abs(x + (found.X * 211.0 / w) - mark.X), 0, Math.Max(1, d));
            Assert.InRange(Math.Abs(y + (found.Y * 173.0 / h) - mark.Y), 0, Math.Max(1, d));
        }
    }

    [Fact]
    public async Task NucleusTiles_Centroids_LieWhereTheyAre()
    {
        using var synthetic = SyntheticSlide.Parse($"synthetic:{Width}x{Height}");
        var model = new SyntheticNucleusField(Width, Height, 25).Nuclei().First();
        var nuclei = synthetic.Marks.Select(m => model with { Centroid = m, Polygon = new Polygon([new(m.X - 4, m.Y - 4), new(m.X + 4, m.Y - 4), new(m.X + 4, m.Y + 4), new(m.X - 4, m.Y + 4)]) });
        string name = ResultFolders.Make(folder.Path, Width, Height, nuclei);
        await using var server = await RunningServer.StartAsync(new ServerOptions { Results = [folder.Path] });
        for (int zoom = 0; zoom <= 3; zoom++)
        {
            double side = 512 << (3 - zoom);
            foreach (var (mark, i) in synthetic.Marks.Select((m, i) => (m, i)))
            {
                var tile = new ReadTile(await server.BytesAsync($"/api/slides/{name}/nuclei/{zoom}/{(int)(mark.X / side)}/{(int)(mark.Y / side)}"));
                var item = tile.Objects.Single(o => o.Fid == i + 1);
                Assert.InRange(Math.Abs(item.X - mark.X), 0, side / 512);
                Assert.InRange(Math.Abs(item.Y - mark.Y), 0, side / 512);
                if (item.Outline.Length > 0)
                    Assert.Equal(mark.X - 4, item.Outline[0].X, 1);
            }
        }
    }

    // The middle of the greenest pixels near a place, as coordinates of pixel centres.
    private static (double X, double Y) Greenest(RgbImage image, int nearX, int nearY)
    {
        int best = -1000;
        var places = new List<(int X, int Y)>();
        for (int y = Math.Max(0, nearY - 12); y < Math.Min(image.Height, nearY + 13); y++)
        {
            for (int x = Math.Max(0, nearX - 12); x < Math.Min(image.Width, nearX + 13); x++)
            {
                var p = image.Row(y).Slice(3 * x, 3);
                int green = p[1] - Math.Max(p[0], p[2]);
                if (green > best + 8)
                    places.Clear();
                if (green >= best - 8)
                    places.Add((x, y));
                best = Math.Max(best, green);
            }
        }

        Assert.True(best > 20);
        return (places.Average(p => p.X) + 0.5, places.Average(p => p.Y) + 0.5);
    }
}
