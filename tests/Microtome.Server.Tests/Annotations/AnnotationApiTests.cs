using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;

namespace Microtome.Server.Tests;

public sealed class AnnotationApiTests : IDisposable
{
    private const string Address = "/api/slides/a/annotations";
    private readonly TemporaryFolder folder = new();

    public AnnotationApiTests() => SlideResults.Make(folder.Path, "a");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Save_NeedsTheVersionThatWasChanged()
    {
        await using var server = await StartAsync();
        string first = await TagAsync(server);

        Assert.Equal(428, (int)(await PutAsync(server, Collection(Point(1, 2)), null)).Status);
        Assert.Equal(415, (int)(await PutAsync(server, Collection(Point(1, 2)), first, "text/plain")).Status);
        var saved = await PutAsync(server, Collection(Point(1, 2)), first);
        Assert.Equal(HttpStatusCode.NoContent, saved.Status);
        Assert.Equal(saved.Tag, await TagAsync(server));
        var (stale, error, _) = await PutAsync(server, Collection(Point(3, 4)), first);
        Assert.Equal(412, (int)stale);
        Assert.Contains("saved by somebody else", error, StringComparison.Ordinal);
        Assert.Equal(Collection(Point(1, 2)), Encoding.UTF8.GetString(await server.BytesAsync(Address)));
    }

    [Theory]
    [InlineData("{", "This is no JSON")]
    [InlineData("[]", "no GeoJSON FeatureCollection")]
    [InlineData("""{"type":"FeatureCollection"}""", "no GeoJSON FeatureCollection")]
    [InlineData("""{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point","coordinates":[1,2]}},{"type":"Feature"}]}""", "Object 2 is no GeoJSON Feature")]
    [InlineData("""{"type":"FeatureCollection","features":[7]}""", "Object 1 is no GeoJSON Feature")]
    [InlineData("""{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point","coordinates":[1]}}]}""", "object 1 is no pair of numbers")]
    [InlineData("""{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point","coordinates":[1,1e300]}}]}""", "object 1 is no pair of numbers")]
    [InlineData("""{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point","coordinates":[1,"2"]}}]}""", "object 1 is no pair of numbers")]
    [InlineData("""{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[0,0],[1,1],[0,0]]]}}]}""", "ring of object 1 has 3 corners")]
    [InlineData("""{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Circle","coordinates":[0,0]}}]}""", "Object 1 is a Circle")]
    [InlineData("""{"type":"FeatureCollection","features":[{"type":"Feature","geometry":null}]}""", "Object 1 has no coordinates")]
    [InlineData("""{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Polygon","coordinates":[1,2]}}]}""", "coordinates of object 1 are not lists")]
    public async Task Save_OfWhatIsNoCollection_NamesTheObject(string body, string part)
    {
        await using var server = await StartAsync();

        var (status, error, _) = await PutAsync(server, body, await TagAsync(server));

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(part, error, StringComparison.Ordinal);
        Assert.False(File.Exists(Of("annotations.geojson")));
    }

    [Fact]
    public async Task Save_OfDeepNesting_IsRefused()
    {
        await using var server = await StartAsync();
        string deep = $"{{\"type\":\"FeatureCollection\",\"features\":[],\"x\":{new string('[', 5000)}{new string(']', 5000)}}}";

        Assert.Equal(HttpStatusCode.BadRequest, (await PutAsync(server, deep, await TagAsync(server))).Status);
    }

    [Fact]
    public async Task Save_OfTooMuch_Is413()
    {
        await using var server = await ListeningServer.StartAsync(new ServerOptions { Results = [folder.Path] });
        using var request = new HttpRequestMessage(HttpMethod.Put, Address) { Content = new ByteArrayContent(new byte[ServerHost.MostBytes + 1]) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/geo+json");
        request.Headers.TryAddWithoutValidation("If-Match", "\"x\"");
        request.Headers.ExpectContinue = true;

        using var answer = await server.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.NotNull((string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["error"]);
    }

    [Fact]
    public async Task History_KeepsWhatWasReplaced_AndIsBounded()
    {
        await using var server = await StartAsync();
        string tag = await TagAsync(server);
        for (int i = 0; i < AnnotationStore.Versions + 5; i++)
            tag = (await PutAsync(server, Collection(Point(i, 0)), tag)).Tag!;

        string[] versions = [.. (await server.JsonAsync(Address + "/history")).AsArray().Select(static v => (string)v!)];

        Assert.Equal(AnnotationStore.Versions, versions.Length);
        var contents = new List<string>();
        foreach (string version in versions)
            contents.Add(Encoding.UTF8.GetString(await server.BytesAsync($"{Address}/history/{version}")));
        // Every one of the last hundred is there; the newest version is the file itself.
        Assert.Equal(
            Enumerable.Range(4, AnnotationStore.Versions).Select(static i => Collection(Point(i, 0))).Order(StringComparer.Ordinal),
            contents.Order(StringComparer.Ordinal));
        Assert.Equal(HttpStatusCode.NotFound, (await server.FailureAsync($"{Address}/history/..%2F..%2Fprovenance.json")).Status);
    }

    [Fact]
    public async Task Save_OverASymbolicLink_IsRefused_AndItsTargetUntouched()
    {
        await using var server = await StartAsync();
        string target = folder["target.geojson"];
        File.WriteAllText(target, "outside");
        File.CreateSymbolicLink(Of("annotations.geojson"), target);

        var (status, error, _) = await PutAsync(server, Collection(Point(1, 2)), await TagAsync(server));

        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.Contains("symbolic link", error, StringComparison.Ordinal);
        Assert.Equal("outside", File.ReadAllText(target));
    }

    [Fact]
    public async Task Read_OfQuPathsBareList_IsACollection()
    {
        await using var server = await StartAsync();
        string feature = """{"type":"Feature","geometry":{"type":"Point","coordinates":[1,2]},"properties":{}}""";
        File.WriteAllText(Of("annotations.geojson"), $" \n[{feature}]\n");

        var read = await server.JsonAsync(Address);

        Assert.Equal("FeatureCollection", (string)read["type"]!);
        Assert.Equal(2, (int)read["features"]![0]!["geometry"]!["coordinates"]![1]!);
        File.WriteAllText(Of("annotations.geojson"), "{");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await server.FailureAsync(Address)).Status);
    }

    [Fact]
    public async Task Tissue_WhileAnAnalysisRuns_IsNotChanged()
    {
        await using var server = await StartAsync();
        const string tissue = "/api/slides/a/tissue";
        string tag = await TagAsync(server, tissue);
        string work = Directory.CreateDirectory(Of(".microtome")).FullName;
        File.WriteAllText(Path.Combine(work, "lock.json"), "{}");

        Assert.Equal(HttpStatusCode.Conflict, (await PutAsync(server, Collection(Point(1, 2)), tag, address: tissue)).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await PutAsync(server, Collection(Point(1, 2)), await TagAsync(server))).Status);
        File.SetLastWriteTimeUtc(Path.Combine(work, "lock.json"), DateTime.UtcNow.AddHours(-1));
        Assert.Equal(HttpStatusCode.NoContent, (await PutAsync(server, Collection(Point(1, 2)), tag, address: tissue)).Status);
    }

    [Fact]
    public async Task Save_FromManyAtOnce_LosesNobodysWork()
    {
        await using var server = await StartAsync();
        string tag = await TagAsync(server);

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => PutAsync(server, Collection(Point(i, i)), tag)));

        Assert.Single(answers, static a => a.Status == HttpStatusCode.NoContent);
        Assert.Equal(11, answers.Count(static a => (int)a.Status == 412));
    }

    [Fact]
    public void Save_OfAnyCollection_IsReadBackByteForByte()
    {
        var store = new AnnotationStore();
        string place = folder["a"];
        var point = from x in Gen.Choose(-100_000, 100_000) from y in Gen.Choose(0, 1_000_000) select string.Create(CultureInfo.InvariantCulture, $"[{x / 8.0},{y / 16.0}]");
        var ring = point.ListOf(4).Select(static p => $"[{string.Join(',', p)},{p[0]}]");
        var geometry = Gen.OneOf(
            point.Select(static p => $$"""{"type":"Point","coordinates":{{p}}}"""),
            ring.ListOf(2).Select(static r => $$"""{"type":"Polygon","coordinates":[{{string.Join(',', r)}}]}"""),
            point.ListOf(5).Select(static p => $$"""{"type":"LineString","coordinates":[{{string.Join(',', p)}}]}"""));
        var feature = from g in geometry
                      from name in ArbMap.Default.GeneratorFor<string>()
                      select $$$"""{"type":"Feature","geometry":{{{g}}},"properties":{"name":{{{System.Text.Json.JsonSerializer.Serialize(name)}}}}}""";
        var collection = from count in Gen.Choose(0, 6)
                         from features in feature.ListOf(count)
                         from space in Gen.Elements("", " ", "\n\t")
                         select $$"""{"type":"FeatureCollection",{{space}}"features":[{{string.Join("," + space, features)}}]}""";

        // An empty collection where there is none yet is no change, so nothing would be written.
        byte[] first = Encoding.UTF8.GetBytes(Collection("""{"type":"Feature","geometry":{"type":"Point","coordinates":[1,2]},"properties":{}}"""));
        store.Save(place, AnnotationStore.AnnotationsName, first, store.Read(place, AnnotationStore.AnnotationsName).Tag);
        Prop.ForAll(collection.ToArbitrary(), text =>
        {
            byte[] content = Encoding.UTF8.GetBytes(text);
            string tag = store.Save(place, AnnotationStore.AnnotationsName, content, store.Read(place, AnnotationStore.AnnotationsName).Tag);
            var (read, readTag) = store.Read(place, AnnotationStore.AnnotationsName);
            return read.AsSpan().SequenceEqual(content) && tag == readTag && File.ReadAllBytes(Of("annotations.geojson")).AsSpan().SequenceEqual(content);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(60));
    }

    private static string Collection(params string[] features) => $$"""{"type":"FeatureCollection","features":[{{string.Join(',', features)}}]}""";

    private static string Point(int x, int y) => $$$"""{"type":"Feature","geometry":{"type":"Point","coordinates":[{{{x}}},{{{y}}}]},"properties":{}}""";

    private static async Task<string> TagAsync(RunningServer server, string address = Address)
    {
        using var answer = await server.Client.GetAsync(address);
        return answer.Headers.ETag!.Tag;
    }

    private static async Task<(HttpStatusCode Status, string Error, string? Tag)> PutAsync(RunningServer server, string body, string? seen, string type = "application/geo+json", string address = Address)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, address) { Content = new StringContent(body, Encoding.UTF8, type) };
        if (seen is not null)
            request.Headers.TryAddWithoutValidation("If-Match", seen);
        using var answer = await server.Client.SendAsync(request);
        string text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, answer.IsSuccessStatusCode ? string.Empty : (string)JsonNode.Parse(text)!["error"]!, answer.Headers.ETag?.Tag);
    }

    private Task<RunningServer> StartAsync() => RunningServer.StartAsync(new ServerOptions { Results = [folder.Path] });

    private string Of(string name) => Path.Combine(folder["a"], name);
}
