using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microtome.Imaging;

namespace Microtome.Server.Tests;

public sealed class AccessGuardTests : IDisposable
{
    private const string Token = "correct horse battery";
    private readonly TemporaryFolder folder = new();

    public AccessGuardTests() => SlideResults.Make(folder.Path, "a", maps: true);

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("evil.example", 421)]
    [InlineData("127.0.0.1.evil.example", 421)]
    [InlineData("localhost.evil.example:8642", 421)]
    [InlineData("192.168.1.7", 421)]
    [InlineData("localhost", 200)]
    [InlineData("127.0.0.1:8642", 200)]
    [InlineData("[::1]:8642", 200)]
    public async Task Host_MustBeThisMachine(string host, int status)
    {
        await using var server = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/slides") { Headers = { Host = host } };
        using var answer = await server.Client.SendAsync(request);
        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Theory]
    [InlineData("Origin", "http://evil.example", 403)]
    [InlineData("Origin", "null", 403)]
    [InlineData("Origin", "http://localhost:99", 403)]
    [InlineData("Origin", "http://localhost", 412)]
    [InlineData("Sec-Fetch-Site", "cross-site", 403)]
    [InlineData("Sec-Fetch-Site", "same-site", 403)]
    [InlineData("Sec-Fetch-Site", "same-origin", 412)]
    [InlineData("Sec-Fetch-Site", "none", 412)]
    public async Task Changes_ComeFromTheOwnPageOnly(string header, string value, int status)
    {
        await using var server = await StartAsync();
        using var put = new HttpRequestMessage(HttpMethod.Put, "/api/slides/a/annotations") { Content = new StringContent("""{"type":"FeatureCollection","features":[]}""", Encoding.UTF8, "application/geo+json") };
        put.Headers.TryAddWithoutValidation("If-Match", "\"old\"");
        put.Headers.TryAddWithoutValidation(header, value);
        using var saved = await server.Client.SendAsync(put);
        Assert.Equal(status, (int)saved.StatusCode);
        if (status != 403)
            return;
        using var post = new HttpRequestMessage(HttpMethod.Post, "/api/slides/a/labels/til") { Content = new StringContent("""{"x":0,"y":0,"class":"Other"}""", Encoding.UTF8, "application/json") };
        post.Headers.TryAddWithoutValidation(header, value);
        using var judged = await server.Client.SendAsync(post);
        Assert.Equal(403, (int)judged.StatusCode);
        Assert.False(File.Exists(Path.Combine(folder["a"], "patch-labels.csv")));
    }

    [Fact]
    public async Task Token_IsAskedForEverywhereButHealth()
    {
        await using var server = await ListeningServer.StartAsync(new ServerOptions { Results = [folder.Path], Token = Token });
        async Task<HttpResponseMessage> Ask(string address, string? bearer = null, string? cookie = null)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            if (bearer is not null)
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
            if (cookie is not null)
                request.Headers.Add("Cookie", cookie);
            return await server.Client.SendAsync(request);
        }

        foreach (string address in (string[])["/", "/api/slides", "/metrics", "/openapi/v1.json", "/api/events", "/api/slides/a/files/til.csv", "/nothing"])
        {
            using var none = await Ask(address);
            Assert.Equal(HttpStatusCode.Unauthorized, none.StatusCode);
            Assert.Equal("Bearer", none.Headers.WwwAuthenticate.ToString());
            using var wrong = await Ask(address, Token + "x");
            Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        }

        using var health = await Ask("/health");
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        using var right = await Ask("/api/slides", Token);
        Assert.Equal(HttpStatusCode.OK, right.StatusCode);
        using var badLink = await Ask("/?token=wrong-wrong-wrong-wrong");
        Assert.Equal(HttpStatusCode.Unauthorized, badLink.StatusCode);
        using var elsewhere = await Ask("/api/slides?token=" + Uri.EscapeDataString(Token));
        Assert.Equal(HttpStatusCode.Unauthorized, elsewhere.StatusCode);
        using var link = await Ask("/?token=" + Uri.EscapeDataString(Token));
        Assert.Equal((HttpStatusCode.Redirect, "/"), (link.StatusCode, link.Headers.Location!.ToString()));
        string cookie = link.Headers.GetValues("Set-Cookie").Single();
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        using var page = await Ask("/api/slides", cookie: cookie.Split(';')[0]);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        using var forged = await Ask("/api/slides", cookie: "microtome-token=x");
        Assert.Equal(HttpStatusCode.Unauthorized, forged.StatusCode);
    }

    [Theory]
    [InlineData("http://0.0.0.0:8642", null, "can be reached from other machines")]
    [InlineData("http://[::]:8642", null, "can be reached from other machines")]
    [InlineData("http://192.168.1.7:80", null, "can be reached from other machines")]
    [InlineData("http://127.0.0.1:8642", "short", "fewer than 16 characters")]
    [InlineData("https://127.0.0.1:8642", null, "plain http")]
    [InlineData("8642", null, "give an address such as")]
    [InlineData("http://127.0.0.1:8642/x", null, "give an address such as")]
    public void Create_OfWhatIsNotSafe_IsRefused(string url, string? token, string part) =>
        Assert.Contains(part, Assert.Throws<UsageException>(() => ServerHost.Create(new ServerOptions { Url = url, Token = token })).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("/", null, null)]
    [InlineData("/health", null, null)]
    [InlineData("/api/slides", null, null)]
    [InlineData("/api/slides/a/files/til.csv", null, null)]
    [InlineData("/api/slides/a/thumbnail", null, null)]
    [InlineData("/openapi/v1.json", null, null)]
    [InlineData("/metrics", null, null)]
    [InlineData("/nothing", null, null)]
    [InlineData("/api/slides/nothing", null, null)]
    [InlineData("/api/slides/a/maps/other", null, null)]
    [InlineData("/api/slides", "evil.example", null)]
    [InlineData("/api/slides", null, "POST")]
    [InlineData("/api/slides", null, "DELETE")]
    public async Task Headers_AreOnEveryAnswer(string address, string? host, string? method)
    {
        await using var server = await ListeningServer.StartAsync(new ServerOptions { Results = [folder.Path] });
        using var request = new HttpRequestMessage(new HttpMethod(method ?? "GET"), address);
        request.Headers.Host = host;
        using var answer = await server.Client.SendAsync(request);

        string policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("DENY", answer.Headers.GetValues("X-Frame-Options").Single());
        Assert.Equal("no-referrer", answer.Headers.GetValues("Referrer-Policy").Single());
        Assert.Equal("same-origin", answer.Headers.GetValues("Cross-Origin-Resource-Policy").Single());
        Assert.False(answer.Headers.Contains("Server"));
        Assert.False(answer.Headers.Contains("Access-Control-Allow-Origin"));
        Assert.True((int)answer.StatusCode < 500, answer.StatusCode.ToString());
    }

    [Fact]
    public async Task Requests_BeyondTheRate_AreTurnedAway()
    {
        await using var server = await ListeningServer.StartAsync(new ServerOptions { Results = [folder.Path], RequestsPerSecond = 5 });
        var answers = new List<HttpResponseMessage>();
        for (int i = 0; i < 40; i++)
            answers.Add(await server.Client.GetAsync("/health"));

        Assert.All(answers.Take(15), static a => Assert.Equal(HttpStatusCode.OK, a.StatusCode));
        var refused = answers.Last(static a => a.StatusCode == HttpStatusCode.TooManyRequests);
        Assert.Equal("1", refused.Headers.GetValues("Retry-After").Single());
        Assert.Contains("Too many requests", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains("nosniff", refused.Headers.GetValues("X-Content-Type-Options"));
        answers.ForEach(static a => a.Dispose());
    }

    private Task<RunningServer> StartAsync() => RunningServer.StartAsync(new ServerOptions { Results = [folder.Path] });
}
