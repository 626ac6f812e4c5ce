using System.Text;
using System.Text.Json;

namespace Microtome.EndToEnd.Tests;

public class AnnotationKillTests
{
    [Fact]
    public async Task Kill9_DuringSaves_LeavesTheOldOrTheNewVersion()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["out", "a"]);
        File.WriteAllText(folder["out", "a", "provenance.json"], """{"input":{"path":"synthetic:600x400?mpp=0.5"}}""");
        string file = folder["out", "a", "annotations.geojson"];
        var random = new Random(4);
        int number = 0, kept = -1, saves = 0;
        for (int round = 0; round < 6; round++)
        {
            var process = MicrotomeProgram.StartProgram("serve", folder["out"], "--urls", "http://127.0.0.1:0");
            try
            {
                string line = (await process.StandardOutput.ReadLineAsync())!;
                using var client = new HttpClient { BaseAddress = new Uri(line["listening on ".Length..]) };
                using var read = await client.GetAsync("/api/slides/a/annotations");
                Assert.True(read.IsSuccessStatusCode, await read.Content.ReadAsStringAsync());
                string tag = read.Headers.ETag!.Tag;
                var killer = Task.Run(async () =>
                {
                    await Task.Delay(random.Next(50, 500));
                    process.Kill();
                });
                try
                {
                    while (true)
                    {
                        using var put = new HttpRequestMessage(HttpMethod.Put, "/api/slides/a/annotations") { Content = new StringContent(Version(++number), Encoding.UTF8, "application/geo+json") };
                        put.Headers.TryAddWithoutValidation("If-Match", tag);
                        using var saved = await client.SendAsync(put);
                        Assert.True(saved.IsSuccessStatusCode, await saved.Content.ReadAsStringAsync());
                        tag = saved.Headers.ETag!.Tag;
                        (kept, saves) = (number, saves + 1);
                    }
                }
                catch (HttpRequestException)
                {
                    // The server is gone.
                }

                await killer;
            }
            finally
            {
                if (!process.HasExited)
                    process.Kill();
                MicrotomeProgram.Wait(process);
            }

            if (kept < 0)
                continue;
            string content = File.ReadAllText(file);
            Assert.True(content == Version(kept) || content == Version(number), $"round {round}: {content[..Math.Min(content.Length, 200)]}");
            kept = content == Version(number) ? number : kept;
            foreach (string earlier in Directory.EnumerateFiles(folder["out", "a", "annotations-history"], "*.geojson"))
                Assert.Equal("FeatureCollection", JsonDocument.Parse(File.ReadAllBytes(earlier)).RootElement.GetProperty("type").GetString());
        }

        Assert.True(saves > 10, $"{saves} saves");
    }

    // Large enough that a torn write would show.
    private static string Version(int number) => $$"""{"type":"FeatureCollection","features":[{{string.Join(',', Enumerable.Range(0, 2000).Select(i => $$$"""{"type":"Feature","geometry":{"type":"Point","coordinates":[{{{number}}},{{{i}}}]},"properties":{}}"""))}}]}""";
}
