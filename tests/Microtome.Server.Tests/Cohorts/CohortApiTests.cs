using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microtome.Cohorts;
using Microtome.Imaging;
using Microtome.Ledger;
using Microtome.Pathology;

namespace Microtome.Server.Tests;

public sealed class CohortApiTests : IDisposable
{
    private const string Review = "/api/cohort/review";
    private readonly TemporaryFolder folder = new();
    private readonly string ledger;

    // Slides a and b are done (b with a third of it out of focus), c failed, d waits.
    public CohortApiTests()
    {
        ledger = folder["cohort.db"];
        string output = folder["results"];
        using var cohort = Cohort.Create(ledger, new CohortPlan { Output = output, Parts = ["tissue", "nuclei"] },
            [.. "abcd".Select(static c => new CohortSlide($"{c}", "synthetic:600x400?mpp=0.5", null, $"P{c}", c == 'a' ? "BRCA" : "UVM"))]);
        foreach (double blurred in (ReadOnlySpan<double>)[0, 0.9])
        {
            var lease = cohort.Ledger.Claim(Shard.All)!;
            SlideResults.Make(output, lease.Name);
            new SlideQuality { Slide = lease.Name, Mpp = 0.5, MppSource = "Synthetic", TissueAreaMm2 = 20, TissueFraction = 0.5, Focus = new FocusQuality { Mpp = 0.5, Tiles = 10, JudgedTiles = 10, SharpnessMedian = 0.3, SharpnessP05 = 0.2, BlurredFraction = blurred } }
                .Write(Path.Combine(output, lease.Name, SlideQuality.FileName));
            cohort.Ledger.Complete(lease, "{}", 2);
        }

        cohort.Ledger.Fail(cohort.Ledger.Claim(Shard.All)!, "c is torn", 1);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Status_CountsSlides_AndTheResultsAreServed()
    {
        await using var server = await StartAsync();
        var status = await server.JsonAsync("/api/cohort");
        Assert.Equal((2, 0, 1, 1, 4), ((int)status["done"]!, (int)status["running"]!, (int)status["waiting"]!, (int)status["failed"]!, (int)status["total"]!));
        Assert.Equal((2.0, "c", "c is torn"), ((double)status["seconds_per_slide"]!, (string)status["failures"]![0]!["slide"]!, (string)status["failures"]![0]!["reason"]!));
        Assert.Equal(ledger, (string)status["ledger"]!);
        var slides = await server.JsonAsync("/api/slides");
        Assert.True((bool)slides["cohort"]!);
        Assert.Equal(["a", "b"], slides["slides"]!.AsArray().Select(static s => (string)s!["id"]!));
    }

    [Fact]
    public async Task FolderOfTheCohort_NamedAsWell_IsServedOnce()
    {
        await using var server = await RunningServer.StartAsync(new ServerOptions { Ledger = ledger, Results = [folder["results"] + "/"] });
        Assert.Equal(2, (await server.JsonAsync("/api/slides"))["slides"]!.AsArray().Count);
        Assert.Equal(["a", "b"], (await server.JsonAsync(Review))["slides"]!.AsArray().Select(static s => (string)s!["id"]!));
    }

    [Fact]
    public async Task Review_HasSuggestions_AndKeepsWhatPeopleDecide()
    {
        await using var server = await StartAsync();
        var list = await server.JsonAsync(Review);
        Assert.Equal((2, 0), ((int)list["total"]!, (int)list["reviewed"]!));
        var blurred = list["slides"]![1]!;
        Assert.Equal(("b", "UVM", "Pb", "bad", "automatic"), ((string)blurred["slide"]!, (string)blurred["type"]!, (string)blurred["patient"]!, (string)blurred["verdict"]!, (string)blurred["reviewer"]!));
        Assert.Equal(("bad", "blur"), ((string)blurred["suggestion"]!["verdict"]!, (string)blurred["suggestion"]!["findings"]![0]!["cause"]!));
        Assert.StartsWith("blur: 90 %", (string)blurred["suggestion"]!["findings"]![0]!["text"]!, StringComparison.Ordinal);

        using var answer = await DecideAsync(server, "b", """{"verdict":"acceptable","reasons":["blur"," only at the border ",""],"who":" Ada "}""");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        using var again = await DecideAsync(server, "b", """{"verdict":"good","who":"Grace"}""");
        Assert.Equal(("good", "Grace"), ((string)(await again.Content.ReadFromJsonAsync<JsonNode>())!["verdict"]!, (string)(await server.JsonAsync(Review))["slides"]![1]!["reviewer"]!));

        var history = (await server.JsonAsync(Review + "/b")).AsArray();
        Assert.Equal([("acceptable", "Ada", "blur|only at the border"), ("good", "Grace", string.Empty)], history.Select(static v => ((string)v!["verdict"]!, (string)v["who"]!, string.Join('|', v["reasons"]!.AsArray()))));
        Assert.Equal(1, (int)(await server.JsonAsync(Review))["reviewed"]!);
        using var cohort = Cohort.Open(ledger);
        var kept = CohortReview.Of(cohort).Single(static r => r.Slide.Name == "b");
        Assert.Equal((SlideVerdict.Good, "Grace"), (kept.Verdict, kept.Reviewer));
    }

    [Theory]
    [InlineData("nothing", """{"verdict":"good","who":"Ada"}""", 404, "no slide")]
    [InlineData("a", """{"verdict":"fine","who":"Ada"}""", 400, "'fine' is no verdict")]
    [InlineData("a", """{"verdict":"good","who":"  "}""", 400, "name")]
    [InlineData("a", """{"verdict":"good"}""", 400, "name")]
    [InlineData("a", """{"verdict":"good","who":"automatic"}""", 400, "name")]
    [InlineData("a", """{"verdict":"good","who":"Ada","reasons":["LONG"]}""", 400, "500 characters")]
    [InlineData("a", """{"verdict":"good","who":"LONG"}""", 400, "100 characters")]
    [InlineData("a", "{", 400, "")]
    public async Task Verdicts_ThatFitNothing_AreRefused(string slide, string body, int status, string words)
    {
        await using var server = await StartAsync();
        using var answer = await DecideAsync(server, slide, body.Replace("LONG", new string('x', 501), StringComparison.Ordinal));
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Contains(words, (string)(await answer.Content.ReadFromJsonAsync<JsonNode>())!["error"]!, StringComparison.Ordinal);
        Assert.Equal(0, (int)(await server.JsonAsync(Review))["reviewed"]!);
    }

    [Fact]
    public async Task Verdicts_FromOtherPages_AreRefused()
    {
        await using var server = await StartAsync();
        using var post = new HttpRequestMessage(HttpMethod.Post, Review + "/a") { Content = new StringContent("""{"verdict":"good","who":"Ada"}""", Encoding.UTF8, "application/json") };
        post.Headers.TryAddWithoutValidation("Origin", "http://evil.example");
        using var answer = await server.Client.SendAsync(post);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Empty((await server.JsonAsync(Review + "/a")).AsArray());
    }

    [Theory]
    [InlineData("/api/cohort")]
    [InlineData(Review)]
    [InlineData(Review + "/a")]
    public async Task Cohort_WithoutALedger_IsNotFound(string address)
    {
        await using var server = await RunningServer.StartAsync(new ServerOptions { Results = [folder["results"]] });
        var (status, error) = await server.FailureAsync(address);
        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Contains("microtome serve cohort.db", error, StringComparison.Ordinal);
        Assert.False((bool)(await server.JsonAsync("/api/slides"))["cohort"]!);
    }

    [Fact]
    public async Task Events_TellWhenTheCohortMoves()
    {
        await using var server = await ListeningServer.StartAsync(new ServerOptions { Ledger = ledger });
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var answer = await server.Client.GetAsync("/api/events", HttpCompletionOption.ResponseHeadersRead, limit.Token);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(limit.Token));
        Assert.Equal(1, (int)(await NextAsync())["waiting"]!);
        using (var cohort = Cohort.Open(ledger))
        {
            _ = cohort.Ledger.Claim(Shard.All);
            var running = await NextAsync();
            Assert.Equal((0, 1, "d"), ((int)running["waiting"]!, (int)running["running"]!, (string)running["workers"]![0]!["slide"]!));
        }

        async Task<JsonNode> NextAsync()
        {
            while (await reader.ReadLineAsync(limit.Token) is { } line)
            {
                if (line.StartsWith("data:", StringComparison.Ordinal) && JsonNode.Parse(line[5..]) is { } told && (string)told["type"]! == "cohort")
                    return told["status"]!;
            }

            throw new EndOfStreamException();
        }
    }

    [Fact]
    public void Ledger_ThatIsNone_IsRefusedWithWords()
    {
        string other = folder["other.db"];
        File.WriteAllText(other, "no database");
        Assert.Contains("is not a ledger", Assert.Throws<LedgerException>(() => ServerHost.Create(new ServerOptions { Ledger = other })).Message, StringComparison.Ordinal);
        Directory.Delete(folder["results"], true);
        Assert.Contains("is not there", Assert.Throws<UsageException>(() => ServerHost.Create(new ServerOptions { Ledger = ledger })).Message, StringComparison.Ordinal);
    }

    private static Task<HttpResponseMessage> DecideAsync(RunningServer server, string slide, string body) => server.Client.PostAsync($"{Review}/{slide}", new StringContent(body, Encoding.UTF8, "application/json"));

    private Task<RunningServer> StartAsync() => RunningServer.StartAsync(new ServerOptions { Ledger = ledger });
}
