using System.Globalization;
using System.Text.Json.Nodes;
using Microtome.Pathology;

namespace Microtome.Server.Tests;

/// <summary>Folders of results as analyze writes them, as far as the server looks.</summary>
internal static class ResultFolders
{
    /// <summary>Makes the results of a synthetic slide with these nuclei; returns the name.</summary>
    public static string Make(string folder, int width, int height, IEnumerable<Nucleus>? nuclei, double mpp = 0.25)
    {
        string name = $"synthetic-{width}x{height}";
        string results = Directory.CreateDirectory(Path.Combine(folder, name)).FullName;
        File.WriteAllText(
            Path.Combine(results, "provenance.json"),
            new JsonObject
            {
                ["input"] = new JsonObject { ["path"] = string.Create(CultureInfo.InvariantCulture, $"synthetic:{width}x{height}?mpp={mpp}"), ["width_px"] = width, ["height_px"] = height },
                ["mpp"] = new JsonObject { ["x"] = mpp, ["y"] = mpp },
            }.ToJsonString());
        File.WriteAllText(Path.Combine(results, "summary.json"), "{}");
        if (nuclei is not null)
            NucleusGeoPackage.Write(Path.Combine(results, "nuclei.gpkg"), nuclei);
        return name;
    }
}
