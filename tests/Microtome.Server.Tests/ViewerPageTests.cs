using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;

namespace Microtome.Server.Tests;

/// <summary>The page as the server sends it, and what the server does before anybody asks.</summary>
public sealed class ViewerPageTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Page_AllowsItsOwnScriptByHash_AndNoOther()
    {
        const string script = "let a = '</p>';\nlet b = 1 < 2;";
        Directory.CreateDirectory(folder["web"]);
        File.WriteAllText(folder["web/index.html"], $"<!doctype html><head><script>{script}</script><script type=\"module\" src=\"viewer.js\"></script></head>");
        File.WriteAllText(folder["web/viewer.js"], "1;");
        SlideResults.Make(folder["out"], "a");
        await using var server = await ListeningServer.StartAsync(new ServerOptions { Results = [folder["out"]], WebFolder = folder["web"] });

        string before = await PolicyOf(server, "/");
        File.WriteAllText(folder["web/index.html"], "<!doctype html><head><script>2</script></head>");
        File.SetLastWriteTimeUtc(folder["web/index.html"], DateTime.UtcNow.AddSeconds(3));

        Assert.Contains($"script-src 'self' '{HashOf(script)}';", before, StringComparison.Ordinal);
        Assert.Contains($"script-src 'self' '{HashOf("2")}';", await PolicyOf(server, "/"), StringComparison.Ordinal);
        Assert.Contains("script-src 'self';", await PolicyOf(server, "/viewer.js"), StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", before, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_OpensTheFirstSlideBeforeAnybodyAsks()
    {
        SlideResults.Make(folder.Path, "a", maps: true);
        await using var server = await ListeningServer.StartAsync(new ServerOptions { Results = [folder.Path] }, warmUp: true);
        var pool = server.App.Services.GetRequiredService<SlidePool>();

        for (int i = 0; i < 200 && pool.Open == 0; i++)
            await Task.Delay(50);

        Assert.Equal(1, pool.Open);
    }

    [Fact]
    public async Task Start_WithAToken_OpensTheFirstSlide_Too()
    {
        SlideResults.Make(folder.Path, "a");
        await using var server = await ListeningServer.StartAsync(new ServerOptions { Results = [folder.Path], Token = "0123456789abcdef" }, warmUp: true);
        var pool = server.App.Services.GetRequiredService<SlidePool>();

        for (int i = 0; i < 200 && pool.Open == 0; i++)
            await Task.Delay(50);

        Assert.Equal(1, pool.Open);
    }

    [Fact]
    public async Task Warm_EndsWhenTheFirstSlideIsOpen_OrWhenTheTimeIsOver()
    {
        SlideResults.Make(folder.Path, "a");
        await using var server = await ListeningServer.StartAsync(new ServerOptions { Results = [folder.Path] }, warmUp: true);
        await ServerHost.WarmAsync(server.App, TimeSpan.FromMinutes(1));
        Assert.Equal(1, server.App.Services.GetRequiredService<SlidePool>().Open);

        await using var later = await ListeningServer.StartAsync(new ServerOptions { Results = [folder.Path] }, warmUp: true);
        await ServerHost.WarmAsync(later.App, TimeSpan.Zero);
        using var answer = await later.Client.GetAsync(new Uri("/health", UriKind.Relative));
        Assert.True(answer.IsSuccessStatusCode);
    }

    [Fact]
    public async Task Warm_WithNothingToShow_EndsToo()
    {
        Directory.CreateDirectory(folder["empty"]);
        await using var server = await ListeningServer.StartAsync(new ServerOptions { Results = [folder["empty"]] }, warmUp: true);
        var wait = ServerHost.WarmAsync(server.App, TimeSpan.FromMinutes(1));

        Assert.Same(wait, await Task.WhenAny(wait, Task.Delay(TimeSpan.FromSeconds(30))));
    }

    private static string HashOf(string script) => "sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(script)));

    private static async Task<string> PolicyOf(ListeningServer server, string path)
    {
        using var answer = await server.Client.GetAsync(new Uri(path, UriKind.Relative));
        return answer.Headers.GetValues("Content-Security-Policy").Single();
    }
}
