using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microtome.Imaging;
using Microtome.Pathology;

namespace Microtome.Server.Tests;

public sealed class NucleusTileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Tiles_OfAnyZoom_HoldEveryNucleusExactlyOnce()
    {
        var nuclei = new SyntheticNucleusField(5000, 3000, 4000).Nuclei().ToList();
        string name = ResultFolders.Make(folder.Path, 5000, 3000, nuclei);
        await using var server = await RunningServer.StartAsync(new ServerOptions { Results = [folder.Path] });
        var overview = await server.JsonAsync($"/api/slides/{name}/nuclei");
        Assert.Equal(4000, (int)overview["count"]!);
        Assert.True((bool)overview["complete"]!);
        Assert.Equal(4, (int)overview["max_zoom"]!);
        string[] classes = [.. overview["classes"]!.AsArray().Select(c => (string)c!)];
        float[] areas = [.. nuclei.Select(n => (float)n.AreaUm2).Order()];
        for (int zoom = 0; zoom <= 4; zoom++)
        {
            var seen = new HashSet<uint>();
            double side = 512 * Math.Pow(2, 4 - zoom);
            for (int y = 0; y < 1 << zoom; y++)
            {
                for (int x = 0; x < 1 << zoom; x++)
                {
                    byte[] bytes = await server.BytesAsync($"/api/slides/{name}/nuclei/{zoom}/{x}/{y}?measure=area_um2");
                    Assert.InRange(bytes.Length, 96, 256 << 10);
                    var tile = new ReadTile(bytes);
                    Assert.Equal(zoom >= 3 ? 1 : 0, tile.Kind);
                    Assert.Equal(tile.Objects.Length, (int)tile.Total);
                    Assert.Equal((areas[39], areas[3959]), (tile.Low, tile.High));
                    foreach (var item in tile.Objects)
                    {
                        Assert.True(seen.Add(item.Fid));
                        var truth = nuclei[(int)item.Fid - 1];

                        // Owned by the centroid, placed to half a step, measured to half a step of the range.
                        Assert.Equal((x, y), ((int)(truth.Centroid.X / side), (int)(truth.Centroid.Y / side)));
                        Assert.InRange(Math.Abs(item.X - truth.Centroid.X), 0, (tile.Quantum / 2) + 0.001);
                        Assert.InRange(Math.Abs(item.Y - truth.Centroid.Y), 0, (tile.Quantum / 2) + 0.001);
                        Assert.InRange(Math.Abs(item.Measure - Math.Clamp(truth.AreaUm2, tile.Low, tile.High)), 0, ((tile.High - tile.Low) / 65534 / 2) + 1e-4);
                        Assert.Equal(truth.Class, classes[item.Class]);
                        if (tile.Kind != 1)
                            continue;
                        Assert.Equal(truth.Polygon.Exterior.Length, item.Outline.Length);
                        Assert.All(item.Outline.Zip(truth.Polygon.Exterior), v => Assert.InRange(Math.Max(Math.Abs(v.First.X - v.Second.X), Math.Abs(v.First.Y - v.Second.Y)), 0, tile.Quantum / 2));
                    }
                }
            }

            Assert.Equal(4000, seen.Count);
        }
    }

    [Fact]
    public async Task Tiles_OfManyNuclei_ShowCellsThatCountThemAll()
    {
        var nuclei = new SyntheticNucleusField(9000, 9000, 90_000).Nuclei().ToList();
        string name = ResultFolders.Make(folder.Path, 9000, 9000, nuclei);
        await using var server = await RunningServer.StartAsync(new ServerOptions { Results = [folder.Path] });
        for (int i = 0; i < 100 && !(bool)(await server.JsonAsync($"/api/slides/{name}/nuclei"))["complete"]!; i++)
            await Task.Delay(100);
        byte[] bytes = await server.BytesAsync($"/api/slides/{name}/nuclei/0/0/0?measure=solidity");
        Assert.InRange(bytes.Length, 96, 256 << 10);
        var tile = new ReadTile(bytes);
        Assert.Equal(2, tile.Kind);
        Assert.Equal(90_000u, tile.Total);
        Assert.Equal(90_000, tile.Objects.Sum(o => o.Count));

        // One cell against the nuclei themselves: 128 x 128 cells over 32 tiles of 512 px.
        const double cell = 512 * 32 / 128.0;
        foreach (var item in tile.Objects.Where((_, i) => i % 500 == 0))
        {
            var members = nuclei.Where(n => (int)(n.Centroid.X / cell) == (int)(item.X / cell) && (int)(n.Centroid.Y / cell) == (int)(item.Y / cell)).ToList();
            Assert.Equal(members.Count, (int)item.Count);
            Assert.InRange(Math.Abs(members.Average(n => n.Centroid.X) - item.X), 0, tile.Quantum);
            Assert.InRange(Math.Abs(members.Average(n => n.Solidity) - item.Measure), 0, 1e-4);
        }

        // No tile passes the limit, whatever the zoom.
        var overview = await server.JsonAsync($"/api/slides/{name}/nuclei");
        for (int zoom = 1; zoom <= (int)overview["max_zoom"]!; zoom++)
            Assert.InRange((await server.BytesAsync($"/api/slides/{name}/nuclei/{zoom}/{(1 << zoom) / 4}/{(1 << zoom) / 4}")).Length, 96, 256 << 10);
    }

    [Fact]
    public async Task FirstTile_OfVeryMany_IsASampleAndSaysSo()
    {
        string name = ResultFolders.Make(folder.Path, 9000, 9000, new SyntheticNucleusField(9000, 9000, 60_000).Nuclei());
        await using var server = await RunningServer.StartAsync(new ServerOptions { Results = [folder.Path] });
        using var first = await server.Client.GetAsync($"/api/slides/{name}/nuclei/0/0/0");
        var tile = new ReadTile(await first.Content.ReadAsByteArrayAsync());
        Assert.NotEmpty(tile.Objects);
        Assert.Equal(tile.Preliminary, first.Headers.CacheControl!.NoStore);
        Assert.Equal(tile.Preliminary, first.Headers.ETag is null);
    }

    [Fact]
    public async Task Nucleus_ByItsNumber_HasEveryColumnAndItsOutline()
    {
        var nuclei = new SyntheticNucleusField(2000, 2000, 300).Nuclei().ToList();
        string name = ResultFolders.Make(folder.Path, 2000, 2000, nuclei);
        await using var server = await RunningServer.StartAsync(new ServerOptions { Results = [folder.Path] });
        var one = await server.JsonAsync($"/api/slides/{name}/nuclei/objects/17");
        Assert.Equal(nuclei[16].AreaUm2, (double)one["columns"]!["area_um2"]!);
        Assert.Equal(nuclei[16].Class, (string?)one["columns"]!["class"]);
        Assert.Equal(2 + 15, one["columns"]!.AsObject().Count);
        Assert.Equal(nuclei[16].Polygon.Exterior.Select(v => (v.X, v.Y)), one["polygon"]!.AsArray().Select(v => ((double)v![0]!, (double)v[1]!)));
        foreach (string fid in (string[])["0", "301", "-1", "99999999999", "1.5", "x"])
            Assert.Equal(HttpStatusCode.NotFound, (await server.FailureAsync($"/api/slides/{name}/nuclei/objects/{fid}")).Status);
    }

    [Fact]
    public async Task Statistics_OfAnArea_EqualACountByHand()
    {
        var nuclei = new SyntheticNucleusField(6000, 6000, 3000).Nuclei().ToList();
        string name = ResultFolders.Make(folder.Path, 6000, 6000, nuclei);
        await using var server = await RunningServer.StartAsync(new ServerOptions { Results = [folder.Path] });
        const string triangle = """{"type":"Polygon","coordinates":[[[100,200],[5500,900],[1500,5800],[100,200]]]}""";
        using var answer = await server.Client.PostAsync($"/api/slides/{name}/nuclei/statistics", new StringContent(triangle, Encoding.UTF8, "application/geo+json"));
        var found = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        var inside = nuclei.Where(n => Left(100, 200, 5500, 900, n) && Left(5500, 900, 1500, 5800, n) && Left(1500, 5800, 100, 200, n)).ToList();
        Assert.Equal(inside.Count, (int)found["count"]!);
        double mm2 = Math.Abs(((5500 - 100) * (5800.0 - 200)) - ((1500 - 100) * (900.0 - 200))) / 2 * 0.0625 / 1e6;
        Assert.Equal(mm2, (double)found["area_mm2"]!, 9);
        Assert.Equal(inside.Count / mm2, (double)found["density_per_mm2"]!, 6);
        var area = found["measures"]!.AsArray().First(m => (string)m!["name"]! == "area_um2")!;
        Assert.Equal(inside.Average(n => n.AreaUm2), (double)area["mean"]!, 3);
        Assert.Equal(inside.Select(n => n.AreaUm2).Order().ElementAt((inside.Count - 1) / 2), (double)area["median"]!, 3);
        Assert.All(found["classes"]!.AsArray(), c => Assert.Equal(inside.Count(n => n.Class == (string)c!["name"]!), (int)c!["count"]!));

        using var wrong = await server.Client.PostAsync($"/api/slides/{name}/nuclei/statistics", new StringContent("{\"type\":\"Point\",\"coordinates\":[1,2]}"));
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);

        static bool Left(double ax, double ay, double bx, double by, Nucleus n) => ((bx - ax) * (n.Centroid.Y - ay)) - ((by - ay) * (n.Centroid.X - ax)) > 0;
    }

    [Fact]
    public async Task Tiles_ThatDoNotExist_AreRefusedInASentence()
    {
        string name = ResultFolders.Make(folder.Path, 2000, 2000, new SyntheticNucleusField(2000, 2000, 100).Nuclei());
        string damaged = ResultFolders.Make(folder.Path, 1000, 1000, null);
        await File.WriteAllTextAsync(Path.Combine(folder.Path, damaged, "nuclei.gpkg"), "SQLite format 3\0 and then nothing of the kind");
        await using var server = await RunningServer.StartAsync(new ServerOptions { Results = [folder.Path] });
        foreach (string tile in (string[])["-1/0/0", "3/0/0", "0/1/0", "2/0/4", "2/-1/0", "0/0/99999999999", "x/0/0"])
            Assert.Equal(HttpStatusCode.NotFound, (await server.FailureAsync($"/api/slides/{name}/nuclei/{tile}")).Status);
        var (status, error) = await server.FailureAsync($"/api/slides/{name}/nuclei/0/0/0?measure=fid;drop");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("area_um2", error, StringComparison.Ordinal);
        (status, error) = await server.FailureAsync($"/api/slides/{damaged}/nuclei/0/0/0");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Contains("damaged", error, StringComparison.Ordinal);
    }
}
