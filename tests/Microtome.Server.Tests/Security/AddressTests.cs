using System.Net;

namespace Microtome.Server.Tests;

public sealed class AddressTests : IDisposable
{
    private static readonly string[] s_nowhere =
    [
        "/slides/..%2f..%2fetc%2fpasswd.dzi",
        "/slides/%2e%2e%2f%2e%2e%2fetc%2fpasswd.dzi",
        "/slides/..%5c..%5cetc%5cpasswd.dzi",
        "/slides/../../etc/passwd",
        "/slides/%2fetc%2fpasswd.dzi",
        "/slides/cmu-1-small-region.svs.dzi",
        "/slides/synthetic:100x100.dzi",
        "/slides/..%2fcmu-1-small-region_files/12/0_0.jpeg",
        "/slides/cmu-1-small-region_files/..%2f12/0_0.jpeg",
        "/slides/cmu-1-small-region_files/-1/0_0.jpeg",
        "/slides/cmu-1-small-region_files/12/-1_0.jpeg",
        "/slides/cmu-1-small-region_files/12/0_2147483647.jpeg",
        "/slides/cmu-1-small-region_files/12/0_99999999999999999999.jpeg",
        "/slides/cmu-1-small-region_files/2147483647/0_0.jpeg",
        "/slides/cmu-1-small-region_files/12/0_0.png",
        "/slides/cmu-1-small-region/tiles/0/0/2147483647",
        "/slides/cmu-1-small-region/tiles/1/0/0",
        "/slides/cmu-1-small-region/tiles/-1/0/0",
        "/iiif/3/..%2f..%2fetc%2fpasswd/info.json",
        "/iiif/3/nothing/info.json",
        "/api/slides/..%2fx/nuclei",
        "/api/slides/cmu-1-small-region/nuclei",
    ];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Address_ThatNamesNothing_IsRefusedInASentence()
    {
        await using var server = await RunningServer.WithSlidesAsync(Samples.Slide);
        foreach (string address in s_nowhere)
        {
            var (status, error) = await server.FailureAsync(address);
            Assert.True(status is HttpStatusCode.NotFound or HttpStatusCode.BadRequest, $"{address}: {status}");
            Assert.DoesNotContain("root:", error, StringComparison.Ordinal);
            Assert.NotEmpty(error);
        }
    }

    [Fact]
    public async Task Slide_ThatIsBroken_IsASentenceAtEveryAddressAndTheServerLives()
    {
        // Not a slide; the beginning of one; one whose tiles are overwritten.
        await File.WriteAllTextAsync(folder["text.svs"], "This is no slide.");
        byte[] whole = await File.ReadAllBytesAsync(Samples.Slide);
        await File.WriteAllBytesAsync(folder["cut.svs"], whole[..(whole.Length / 2)]);
        byte[] noise = [.. whole];
        new Random(1).NextBytes(noise.AsSpan(20_000, 800_000));
        await File.WriteAllBytesAsync(folder["noise.svs"], noise);
        await using var server = await RunningServer.WithSlidesAsync(folder["text.svs"], folder["cut.svs"], folder["noise.svs"], Samples.Slide);
        foreach (string id in (string[])["text", "cut"])
        {
            foreach (string address in (string[])[$"/slides/{id}.dzi", $"/slides/{id}_files/0/0_0.jpeg", $"/api/slides/{id}/image", $"/slides/{id}/tiles/0/0/0", $"/iiif/3/{id}/info.json", $"/iiif/3/{id}/full/max/0/default.jpg"])
            {
                var (status, error) = await server.FailureAsync(address);
                Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
                Assert.Contains(id + ".svs", error, StringComparison.Ordinal);
            }
        }

        // Damaged tiles are an error each time; whole ones are shown all the same, before and after.
        int damaged = 0;
        for (int y = 0; y < 13; y++)
        {
            for (int x = 0; x < 10; x++)
            {
                using var answer = await server.Client.GetAsync($"/slides/noise_files/12/{x}_{y}.jpeg");
                Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.UnprocessableEntity);
                damaged += answer.IsSuccessStatusCode ? 0 : 1;
            }
        }

        Assert.InRange(damaged, 1, 129);
        Assert.NotEmpty(await server.BytesAsync("/slides/cmu-1-small-region_files/12/0_0.jpeg"));
    }

    [Fact]
    public async Task Slide_OpenedAndClosedManyTimes_LeavesNoHandle()
    {
        string path = folder["own.svs"];
        File.Copy(Samples.Slide, path);
        for (int i = 0; i < 5; i++)
        {
            await using (var server = await RunningServer.WithSlidesAsync(path))
            {
                await Task.WhenAll(Enumerable.Range(0, 40).Select(k => server.BytesAsync($"/slides/own_files/{8 + (k % 5)}/0_0.jpeg")));
                Assert.NotEqual(0, Handles(path));
            }

            Assert.Equal(0, Handles(path));
        }

        static int Handles(string path) => Directory.EnumerateFileSystemEntries("/proc/self/fd").Count(h => new FileInfo(h).LinkTarget == path);
    }
}
