using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Microtome.Server.Tests;

public sealed class TrainingApiTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task List_OfARunAndOfAFolderWithRuns_ShowsNumbersAndSettings()
    {
        string alone = Run("alone", """{"step":10,"loss":2.5,"tokens_per_s":1000}""", """{"step":20,"loss":2,"tokens_per_s":500}""", """{"step":20,"held_out_loss":2.25}""");
        File.WriteAllText(Path.Combine(alone, "config.json"), """{"objective":"causal","files":["a.txt","b.txt"],"training":{"steps":100,"batch":10,"length":50,"headOnlySteps":3}}""");
        string arm = Run("experiment/arms/MHA 4, wide-1", """{"step":5,"loss":1.5}""");
        File.WriteAllText(Path.Combine(arm, "trial.json"), """{"trial":{"name":"MHA 4, wide","training":{"steps":5}},"text":"abc"}""");
        string classifier = Run("experiment/til", """{"step":25,"loss":0.25,"seconds_per_step":2}""");
        File.WriteAllText(Path.Combine(classifier, "options.txt"), "{\n \"architecture\": \"patchnet\"\n}\n\n{\"steps\":60,\"batch\":32}\n{\"cells\":0}\njudgements;A { B = 1 };32\nabc");
        File.SetLastWriteTimeUtc(Path.Combine(classifier, "metrics.jsonl"), DateTime.UtcNow.AddHours(-2));
        await using var server = await RunningServer.StartAsync(new ServerOptions { Results = [alone, folder["experiment"]] });

        var list = await server.JsonAsync("/api/training");

        var runs = list["runs"]!.AsArray();
        Assert.Equal(["til", "MHA 4, wide-1", "alone"], runs.Select(static r => (string)r!["id"]!));
        var one = runs.Single(static r => (string)r!["id"]! == "alone")!;
        // 500 tokens a step at 500 a second, 80 steps to go
        Assert.Equal((20, 100, 2, 2.25, "running", 1, 80, "text"), ((int)one["step"]!, (int)one["steps"]!, (double)one["loss"]!, (double)one["held_out_loss"]!, (string)one["state"]!, (double)one["seconds_per_step"]!, (double)one["remaining_s"]!, (string)one["kind"]!));
        var trial = runs.Single(static r => (string)r!["id"]! == "MHA 4, wide-1")!;
        Assert.Equal(("finished", "experiment/arms", "trial", null), ((string)trial["state"]!, (string)trial["group"]!, (string)trial["kind"]!, trial["remaining_s"]));
        var silent = runs.Single(static r => (string)r!["id"]! == "til")!;
        Assert.Equal(("stopped", "experiment", 60, 2), ((string)silent["state"]!, (string)silent["group"]!, (int)silent["steps"]!, (double)silent["seconds_per_step"]!));
        Assert.Equal(3, (int)(await server.JsonAsync("/api/slides"))["training"]!);

        var settings = (await server.JsonAsync("/api/training/alone"))["settings"]!.AsArray().ToDictionary(static s => (string)s!["name"]!, static s => (string)s!["value"]!);
        Assert.Equal(("causal", "a.txt, b.txt", "100", "3"), (settings["objective"], settings["files"], settings["training.steps"], settings["training.headOnlySteps"]));
        Assert.Equal("MHA 4, wide", (string)(await server.JsonAsync("/api/training/" + Uri.EscapeDataString("MHA 4, wide-1")))["settings"]![0]!["value"]!);
    }

    [Fact]
    public async Task Metrics_FromAPlace_HoldOnlyWhatIsNew()
    {
        string run = Run("run", """{"step":1,"loss":4}""", """{"step":2,"loss":3,"active":[0.5,0.25]}""");
        File.AppendAllText(Metrics(run), """{"step":3,"lo""");
        await using var server = await RunningServer.StartAsync(new ServerOptions { Results = [run] });
        var first = await server.JsonAsync("/api/training/run/metrics");
        Assert.True((bool)first["begin"]!);
        // The torn line does not count yet.
        Assert.Equal("1:4 2:3", Points(first, "loss"));
        Assert.Equal("2:0.25", Points(first, "active 2"));

        File.AppendAllText(Metrics(run), "ss\":2}\nno json\n[1]\n{\"loss\":7}\n{\"step\":4,\"loss\":NaN,\"learning_rate\":0.5,\"active\":[0.75,-Infinity],\"text\":\"x\",\"more\":{\"loss\":9}}\n");
        var next = await NextAsync(server, first);

        Assert.False((bool)next["begin"]!);
        var (steps, values) = Series(next, "loss");
        Assert.Equal((3, 2), (steps[^1], values[^1]));
        Assert.Equal("4:0.5", Points(next, "learning_rate"));
        Assert.Equal(["active 1", "learning_rate", "loss"], next["series"]!.AsArray().Select(static s => (string)s!["name"]!).Order(StringComparer.Ordinal));
        var last = await server.JsonAsync("/api/training/run/metrics?from=" + next["place"]);
        Assert.Empty(last["series"]!.AsArray());
        Assert.Equal(next["place"]!.ToString(), last["place"]!.ToString());
    }

    [Fact]
    public async Task Metrics_OfATrimmedFile_BeginAnew()
    {
        string run = Run("run", [.. Enumerable.Range(1, 50).Select(Line)]);
        await using var server = await RunningServer.StartAsync(new ServerOptions { Results = [run] });
        var first = await server.JsonAsync("/api/training/run/metrics");
        // As a resumed run does: shorter, and before anybody looked it grew beyond what it was, with other numbers.
        File.WriteAllText(Metrics(run), string.Concat(Enumerable.Range(1, 60).Select(static i => Line(i).Replace("\"loss\":1", i > 20 ? "\"loss\":5" : "\"loss\":1", StringComparison.Ordinal) + "\n")));

        var next = await NextAsync(server, first);

        Assert.True((bool)next["begin"]!);
        var (steps, values) = Series(next, "loss");
        Assert.Equal((60, 60, 5.0, 1.0), (steps.Length, steps[^1], Math.Floor(values[30]), Math.Floor(values[10])));

        File.WriteAllText(Metrics(run), Line(1) + "\n");
        var trimmed = await NextAsync(server, next);
        Assert.True((bool)trimmed["begin"]!);
        Assert.Equal([1], Series(trimmed, "loss").Steps);
        File.Delete(Metrics(run));
        await Task.Delay(1100);
        Assert.Equal(HttpStatusCode.NotFound, (await server.FailureAsync("/api/training/run/metrics")).Status);

        static string Line(int i) => string.Create(CultureInfo.InvariantCulture, $"{{\"step\":{i},\"loss\":1.{i:D2}}}");
    }

    [Fact]
    public async Task Metrics_OfStepsThatComeAgain_AreReplaced()
    {
        // train nuclei appends what it does again after a kill.
        string run = Run("run", [.. new[] { 25, 50, 75, 100 }.Select(static s => $"{{\"step\":{s},\"loss\":1}}")]);
        await using var server = await RunningServer.StartAsync(new ServerOptions { Results = [run] });
        var first = await server.JsonAsync("/api/training/run/metrics");
        File.AppendAllText(Metrics(run), "{\"step\":75,\"loss\":2}\n");

        var next = await NextAsync(server, first);

        var series = next["series"]!.AsArray().Single()!;
        Assert.False((bool)next["begin"]!);
        Assert.True((int)series["from_step"]! <= 75);
        Assert.Equal(75, Series(next, "loss").Steps[^1]);
        Assert.Equal("25:1 50:1 75:2", Points(await server.JsonAsync("/api/training/run/metrics"), "loss"));
    }

    [Fact]
    public async Task Metrics_OfMillionsOfPoints_AreBoundedAndKeepPeaks()
    {
        string run = Run("run");
        using (var writer = new StreamWriter(Metrics(run)))
        {
            for (int i = 1; i <= 300_000; i++)
                writer.Write(string.Create(CultureInfo.InvariantCulture, $"{{\"step\":{i},\"loss\":{(i == 123_457 ? 99 : i == 7 ? -5 : 1 + (i % 3))}}}\n"));
        }

        await using var server = await RunningServer.StartAsync(new ServerOptions { Results = [run] });
        byte[] bytes = await server.BytesAsync("/api/training/run/metrics");
        var all = JsonNode.Parse(bytes)!;

        var (steps, values) = Series(all, "loss");
        Assert.InRange(steps.Length, 900, 2001);
        Assert.True(bytes.Length < 100_000);
        Assert.Equal((123_457, 7, 300_000), (steps[Array.IndexOf(values, 99)], steps[Array.IndexOf(values, -5)], steps[^1]));
        Assert.Equal(steps.Order().Distinct(), steps);
        File.AppendAllText(Metrics(run), "{\"step\":300001,\"loss\":1}\n");
        // One line more, few points more.
        Assert.InRange(Series(await NextAsync(server, all), "loss").Steps.Length, 1, 3);
    }

    [Fact]
    public async Task Links_OutOfTheFolder_AreNotFollowed()
    {
        string outside = Run("outside", """{"step":1,"loss":4}""");
        File.WriteAllText(Path.Combine(outside, "config.json"), """{"secret":"word"}""");
        string shown = Directory.CreateDirectory(folder["shown"]).FullName;
        Directory.CreateSymbolicLink(Path.Combine(shown, "link"), outside);
        Directory.CreateDirectory(Path.Combine(shown, "file"));
        File.CreateSymbolicLink(Path.Combine(shown, "file", "metrics.jsonl"), Metrics(outside));
        string own = Directory.CreateDirectory(Path.Combine(shown, "own")).FullName;
        File.WriteAllText(Metrics(own), "{\"step\":1,\"loss\":3}\n");
        File.CreateSymbolicLink(Path.Combine(own, "config.json"), Path.Combine(outside, "config.json"));
        await using var server = await RunningServer.StartAsync(new ServerOptions { Results = [shown] });

        Assert.Equal("own", (string)(await server.JsonAsync("/api/training"))["runs"]!.AsArray().Single()!["id"]!);
        Assert.Empty((await server.JsonAsync("/api/training/own"))["settings"]!.AsArray());
        foreach (string id in (string[])["link", "file", "..%2Foutside", "%2E%2E", "outside"])
            Assert.Equal(HttpStatusCode.NotFound, (await server.FailureAsync($"/api/training/{id}/metrics")).Status);
        // Exchanged for a link while the server runs.
        File.Delete(Metrics(own));
        File.CreateSymbolicLink(Metrics(own), Metrics(outside));
        Assert.Equal(HttpStatusCode.NotFound, (await server.FailureAsync("/api/training/own/metrics.csv")).Status);
    }

    [Fact]
    public async Task Table_HasEveryLineAndColumn()
    {
        string run = Run("run", """{"step":1,"loss":4.125}""", "torn", """{"step":2,"=loss, b":1e-7,"loss":3}""");
        await using var server = await RunningServer.StartAsync(new ServerOptions { Results = [run] });

        string table = Encoding.UTF8.GetString(await server.BytesAsync("/api/training/run/metrics.csv"));

        Assert.Equal("step,loss,\"'=loss, b\"\n1,4.125,NA\n2,3,1E-07\n", table);
    }

    [Fact]
    public async Task Events_TellOfNewNumbersAndNewRuns()
    {
        string run = Run("runs/a", """{"step":1,"loss":4}""");
        await using var server = await ListeningServer.StartAsync(new ServerOptions { Results = [folder["runs"]] });
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var answer = await server.Client.GetAsync("/api/events", HttpCompletionOption.ResponseHeadersRead, limit.Token);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(limit.Token));
        Assert.Equal("progress", await Next());

        File.AppendAllText(Metrics(run), "{\"step\":2,\"loss\":3}\n");
        Assert.Equal("training", await Next());
        Run("runs/b", """{"step":1,"loss":4}""");
        Assert.Equal("training", await Next());

        async Task<string> Next()
        {
            while (await reader.ReadLineAsync(limit.Token) is { } line)
            {
                if (line.StartsWith("data:", StringComparison.Ordinal))
                    return (string)JsonNode.Parse(line[5..])!["type"]!;
            }

            throw new EndOfStreamException();
        }
    }

    private static string Metrics(string run) => Path.Combine(run, "metrics.jsonl");

    private string Run(string name, params string[] lines)
    {
        string run = Directory.CreateDirectory(folder[name]).FullName;
        File.WriteAllText(Metrics(run), string.Concat(lines.Select(static l => l + "\n")));
        return run;
    }

    // Files are looked at once a second at most.
    private static async Task<JsonNode> NextAsync(RunningServer server, JsonNode before)
    {
        for (int i = 0; i < 100; i++)
        {
            var next = await server.JsonAsync("/api/training/run/metrics?from=" + before["place"]);
            if ((string)next["place"]! != (string)before["place"]!)
                return next;
            await Task.Delay(50);
        }

        throw new TimeoutException("The server saw no change of the file.");
    }

    private static string Points(JsonNode answer, string name)
    {
        var (steps, values) = Series(answer, name);
        return string.Join(' ', steps.Zip(values, static (s, v) => string.Create(CultureInfo.InvariantCulture, $"{s}:{v}")));
    }

    private static (int[] Steps, double[] Values) Series(JsonNode answer, string name)
    {
        var series = answer["series"]!.AsArray().Single(s => (string)s!["name"]! == name)!;
        return ([.. series["steps"]!.AsArray().Select(static s => (int)s!)], [.. series["values"]!.AsArray().Select(static s => (double)s!)]);
    }
}
