using System.Text.Json;
using System.Text.Json.Nodes;
using Microtome.Pathology;

namespace Microtome.Server;

/// <summary>Analyses that write into a folder of results at this moment, by the progress that they note.</summary>
internal static class RunningAnalyses
{
    // A run notes its progress every second; one that has been silent for a minute is gone.
    private static readonly TimeSpan s_silence = TimeSpan.FromMinutes(1);

    public static IEnumerable<JsonNode> In(string folder)
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
