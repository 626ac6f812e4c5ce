using System.Text.Json;
using System.Text.Json.Nodes;
using Microtome.Pathology;

namespace Microtome.Server;

/// <summary>Analyses that write into a folder of results at this moment, by the progress that they note.</summary>
internal sealed class RunningAnalyses
{
    private const long Fresh = 900;
    private readonly Lock turn = new();
    private string jobs = "[]";
    private long looked = long.MinValue / 2;

    // A run notes its progress every second; one that has been silent for a minute is gone.
    private static readonly TimeSpan s_silence = TimeSpan.FromMinutes(1);

    /// <summary>What runs now, as a JSON array; looked at once a second at most, however many listen.</summary>
    public string Jobs(IEnumerable<string> folders)
    {
        lock (turn)
        {
            if (Environment.TickCount64 - looked >= Fresh)
            {
                jobs = new JsonArray([.. folders.SelectMany(In)]).ToJsonString();
                looked = Environment.TickCount64;
            }

            return jobs;
        }
    }

    private static IEnumerable<JsonNode> In(string folder)
    {
        IEnumerable<string> slides;
        try
        {
            slides = Directory.EnumerateDirectories(folder).Where(d => !Path.GetFileName(d).StartsWith('.')).Prepend(folder).ToArray();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            yield break;
        }

        foreach (string slide in slides)
        {
            if (Read(Path.Combine(slide, ".microtome")) is { } progress)
            {
                progress["slide"] = Path.GetFileName(slide);
                yield return progress;
            }
        }
    }

    private static JsonObject? Read(string work)
    {
        try
        {
            // Most slides are not being analysed: one look at each, and no path is followed.
            if (DateTime.UtcNow - File.GetLastWriteTimeUtc(Path.Combine(work, ProgressFile.Name)) >= s_silence)
                return null;
            return SafePath.Real(work) is { } real && SafePath.Inside(real, ProgressFile.Name) is { } path && DateTime.UtcNow - File.GetLastWriteTimeUtc(path) < s_silence
                ? JsonNode.Parse(File.ReadAllText(path)) as JsonObject
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }
}
