using System.Net;
using System.Runtime.InteropServices;
using Microtome.Imaging;

namespace Microtome.Server.Tests;

public sealed class MapApiTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Maps_AreTheTablesAndThePicture()
    {
        string results = SlideResults.Make(folder.Path, "a", maps: true);
        await using var server = await RunningServer.StartAsync(new ServerOptions { Results = [folder.Path] });

        using var answer = await server.Client.GetAsync("/api/slides/a/maps/til");
        Assert.Equal($"{SlideResults.Rows},{SlideResults.Columns}", answer.Headers.GetValues("Microtome-Shape").Single());
        float[] values = MemoryMarshal.Cast<byte, float>(await answer.Content.ReadAsByteArrayAsync()).ToArray();
        for (int y = 0; y < SlideResults.Rows; y++)
        {
            for (int x = 0; x < SlideResults.Columns; x++)
                Assert.Equal((x, y) == (2, 1) ? float.NaN : (float)SlideResults.Til(x, y), values[(y * SlideResults.Columns) + x]);
        }

        Assert.Equal(ImageFile.ReadRgb(Path.Combine(results, "tumor-til-map.png")).Pixels, await server.BytesAsync("/api/slides/a/maps/combined"));
        var layer = (await server.JsonAsync("/api/slides/a"))["maps"]![0]!;
        Assert.Equal((100, 0, 0.4), ((double)layer["step_x"]!, (double)layer["start_y"]!, (double)layer["threshold"]!));
        var classes = await server.PictureAsync("/api/slides/a/maps/classes.png");
        Assert.Equal((SlideResults.Columns, SlideResults.Rows), (classes.Width, classes.Height));
    }

    [Fact]
    public async Task Maps_ThatAreAbsentOrDamaged_AreSaid()
    {
        SlideResults.Make(folder.Path, "none");
        string results = SlideResults.Make(folder.Path, "bad", maps: true);
        File.WriteAllText(Path.Combine(results, "til.csv"), "minx,miny,width,height,prob_x\n0,0,1,1,seven\n");
        File.WriteAllText(Path.Combine(results, "tumor-til-map.png"), "no picture");
        await using var server = await RunningServer.StartAsync(new ServerOptions { Results = [folder.Path] });

        foreach (string address in (string[])["maps/til", "maps/combined", "maps/classes.png", "maps/other"])
            Assert.Equal(HttpStatusCode.NotFound, (await server.FailureAsync($"/api/slides/none/{address}")).Status);
        var (status, error) = await server.FailureAsync("/api/slides/bad/maps/til");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Contains("seven", error, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await server.FailureAsync("/api/slides/bad/maps/combined")).Status);
        var detail = await server.JsonAsync("/api/slides/bad");
        Assert.Equal("tumor", (string)detail["maps"]!.AsArray().Single()!["task"]!);
        Assert.Contains("seven", detail["warnings"]!.ToJsonString(), StringComparison.Ordinal);
    }
}
