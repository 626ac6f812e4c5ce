using System.Globalization;

namespace Microtome.Server.Tests;

public sealed class PathTraversalTests : IDisposable
{
    private static readonly string[] s_addresses =
    [
        "/{0}", "/api/slides/{0}", "/api/slides/{0}/files/til.csv", "/api/slides/a/files/{0}", "/api/slides/a/annotations/history/{0}", "/api/slides/a/maps/{0}", "/api/slides/a/labels/{0}",
        "/api/slides/a/nuclei/{0}/0/0", "/slides/{0}.dzi", "/slides/a_files/{0}/0_0.jpeg", "/slides/a_files/0/{0}.jpeg", "/api/slides/a/thumbnail/{0}", "/openapi/{0}.json", "/iiif/{0}/info.json",
        "/iiif/a/{0}/max/0/default.jpg",
    ];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("../secret.txt")]
    [InlineData("../../secret.txt")]
    [InlineData("..%2Fsecret.txt")]
    [InlineData("..%2fsecret.txt")]
    [InlineData("%2e%2e/secret.txt")]
    [InlineData("%2e%2e%2fsecret.txt")]
    [InlineData("%252e%252e%252fsecret.txt")]
    [InlineData("..%5Csecret.txt")]
    [InlineData("..\\secret.txt")]
    [InlineData("%c0%ae%c0%ae%c0%afsecret.txt")]
    [InlineData("a/../../secret.txt")]
    [InlineData("%2Fetc%2Fpasswd")]
    [InlineData("/etc/passwd")]
    [InlineData("til.csv%00.txt")]
    [InlineData("%00")]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("a%0d%0aX-Injected:%201")]
    [InlineData("%F0%9F%92%A9")]
    [InlineData("%ff%fe")]
    [InlineData("long")]
    [InlineData("very long")]
    public async Task Addresses_ThatTryToLeave_GiveNothingAndBreakNothing(string part)
    {
        File.WriteAllText(folder["secret.txt"], "the secret");
        SlideResults.Make(folder["out"], "a", maps: true);
        part = part switch { "long" => new string('x', 4000), "very long" => new string('x', 40_000), _ => part };
        await using var server = await ListeningServer.StartAsync(new ServerOptions { Results = [folder["out"]] });

        foreach (string address in s_addresses)
        {
            string answer = await server.RawAsync(string.Format(CultureInfo.InvariantCulture, address, part));
            Assert.StartsWith("HTTP/1.1 ", answer, StringComparison.Ordinal);
            int status = int.Parse(answer.AsSpan(9, 3), CultureInfo.InvariantCulture);
            Assert.True(status is 200 or (>= 301 and <= 308) or (>= 400 and < 500), $"{address}: {answer[..Math.Min(answer.Length, 300)]}");
            Assert.DoesNotContain("the secret", answer, StringComparison.Ordinal);
            Assert.DoesNotContain("root:", answer, StringComparison.Ordinal);
            Assert.DoesNotContain("\r\nX-Injected", answer, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", answer, StringComparison.Ordinal);
        }
    }
}
