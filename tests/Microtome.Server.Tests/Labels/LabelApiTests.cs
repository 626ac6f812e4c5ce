using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microtome.Pathology;

namespace Microtome.Server.Tests;

public sealed class LabelApiTests : IDisposable
{
    private const string Address = "/api/slides/a/labels/til";
    private readonly TemporaryFolder folder = new();

    public LabelApiTests() => SlideResults.Make(folder.Path, "a", maps: true);

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Queue_HasTheMostUncertainFirst_AndForgetsWhatIsJudged()
    {
        await using var server = await StartAsync();
        var queue = await server.JsonAsync(Address + "?count=5");
        double[] distances = [.. queue["patches"]!.AsArray().Select(static p => Math.Abs((double)p!["probability"]! - 0.4))];
        Assert.Equal(5, distances.Length);
        Assert.Equal(distances.Order(), distances);
        Assert.Equal((23, 0, "Lymphocytes", 0.4), ((int)queue["total"]!, (int)queue["labelled"]!, (string)queue["positive"]!, (double)queue["threshold"]!));

        var first = queue["patches"]![0]!;
        Assert.Equal(HttpStatusCode.NoContent, await JudgeAsync(server, first, "Lymphocytes"));
        Assert.Equal(HttpStatusCode.NoContent, await JudgeAsync(server, queue["patches"]![1]!, PatchLabelFile.Unclear));
        Assert.Equal(HttpStatusCode.NoContent, await JudgeAsync(server, queue["patches"]![2]!, "Other"));
        // A second judgement replaces the first.
        Assert.Equal(HttpStatusCode.NoContent, await JudgeAsync(server, queue["patches"]![2]!, "Lymphocytes"));

        var next = await server.JsonAsync(Address);
        Assert.Equal((3, 20), ((int)next["labelled"]!, next["patches"]!.AsArray().Count));
        Assert.DoesNotContain(next["patches"]!.AsArray(), p => JsonNode.DeepEquals(p, first));
        Assert.Equal(2, (int)next["counts"]!["Lymphocytes"]!);
        var labels = PatchLabelFile.Read(folder["a"]);
        Assert.Equal([true, null, true], labels.Select(static l => l.Positive));
        Assert.Equal(((double)first["x"]!, (double)first["y"]!, 100.0, (double)first["probability"]!), (labels[0].X, labels[0].Y, labels[0].Width, labels[0].Probability));

        Assert.Equal(HttpStatusCode.NoContent, await JudgeAsync(server, first, null));
        Assert.Equal(2, PatchLabelFile.Read(folder["a"]).Count);
    }

    [Fact]
    public async Task Judgements_OfOtherTasks_StayWhereTheyAre()
    {
        await using var server = await StartAsync();
        var patch = (await server.JsonAsync(Address))["patches"]![0]!;
        await JudgeAsync(server, patch, "Other");
        Assert.Equal(HttpStatusCode.NoContent, await JudgeAsync(server, patch, "Tumor", "/api/slides/a/labels/tumor"));
        await JudgeAsync(server, patch, null);

        Assert.Equal(["tumor"], PatchLabelFile.Read(folder["a"]).Select(static l => l.Task));
    }

    [Fact]
    public async Task Judgements_ThatFitNothing_AreRefused()
    {
        await using var server = await StartAsync();
        var patch = (await server.JsonAsync(Address))["patches"]![0]!;

        Assert.Equal(HttpStatusCode.BadRequest, await JudgeAsync(server, patch, "Tumor"));
        Assert.Equal(HttpStatusCode.BadRequest, await JudgeAsync(server, new JsonObject { ["x"] = 7.0, ["y"] = 7.0 }, "Other"));
        Assert.Equal(HttpStatusCode.NotFound, await JudgeAsync(server, patch, "Other", "/api/slides/a/labels/nuclei"));
        Assert.Equal(HttpStatusCode.NotFound, await JudgeAsync(server, patch, "Other", "/api/slides/b/labels/til"));
        using var broken = await server.Client.PostAsync(Address, new StringContent("{", System.Text.Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.BadRequest, broken.StatusCode);
        Assert.False(File.Exists(Path.Combine(folder["a"], PatchLabelFile.Name)));
        File.WriteAllText(Path.Combine(folder["a"], PatchLabelFile.Name), "damaged\n");
        var (status, error) = await server.FailureAsync(Address);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Contains(PatchLabelFile.Name, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Judgements_FromManyAtOnce_AreAllKept()
    {
        await using var server = await StartAsync();
        var patches = (await server.JsonAsync(Address))["patches"]!.AsArray();

        var answers = await Task.WhenAll(patches.Select(p => JudgeAsync(server, p!, "Other")));

        Assert.All(answers, static a => Assert.Equal(HttpStatusCode.NoContent, a));
        Assert.Equal(patches.Count, PatchLabelFile.Read(folder["a"]).Count);
    }

    private static async Task<HttpStatusCode> JudgeAsync(RunningServer server, JsonNode patch, string? name, string address = Address)
    {
        using var answer = await server.Client.PostAsJsonAsync(address, new JsonObject { ["x"] = (double)patch["x"]!, ["y"] = (double)patch["y"]!, ["class"] = name });
        return answer.StatusCode;
    }

    private Task<RunningServer> StartAsync() => RunningServer.StartAsync(new ServerOptions { Results = [folder.Path] });
}
