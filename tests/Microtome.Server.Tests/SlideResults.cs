using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microtome.Imaging;
using Microtome.Pathology;

namespace Microtome.Server.Tests;

/// <summary>Folders of results with maps, as analyze writes them.</summary>
internal static class SlideResults
{
    public const int Columns = 6;
    public const int Rows = 4;

    /// <summary>Results of a slide: provenance, summary, and with maps til.csv, tumor.csv and the combined map.</summary>
    public static string Make(string folder, string name, string path = "synthetic:600x400?mpp=0.5", bool maps = false, JsonObject? summary = null)
    {
        string results = Directory.CreateDirectory(Path.Combine(folder, name)).FullName;
        var input = new JsonObject { ["path"] = path, ["width_px"] = 600, ["height_px"] = 400 };
        if (File.Exists(path))
        {
            var print = InputFingerprint.Of(path);
            (input["fingerprint"], input["bytes"]) = (print.Value, print.Bytes);
        }

        File.WriteAllText(Path.Combine(results, "provenance.json"), new JsonObject { ["input"] = input, ["mpp"] = new JsonObject { ["x"] = 0.5, ["y"] = 0.5 } }.ToJsonString());
        File.WriteAllText(Path.Combine(results, "summary.json"), (summary ?? new JsonObject { ["til_threshold"] = 0.4 }).ToJsonString());
        if (maps)
        {
            Table(Path.Combine(results, "til.csv"), "Lymphocytes", Til);
            Table(Path.Combine(results, "tumor.csv"), "Tumor", static (x, y) => 1 - Til(x, y));
            var (til, tumor) = (PatchTable.Read(Path.Combine(results, "til.csv")), PatchTable.Read(Path.Combine(results, "tumor.csv")));
            CombinedMap.Merge(PatchMap.From(tumor, 1), PatchMap.From(til, 1), 0.4).Write(Path.Combine(results, "tumor-til-map.png"));
        }

        return results;
    }

    /// <summary>The probability of a patch; every one is another.</summary>
    public static double Til(int x, int y) => (1 + x + (Columns * y)) / 32.0;

    private static void Table(string path, string name, Func<int, int, double> probability)
    {
        var text = new StringBuilder($"minx,miny,width,height,prob_Other,prob_{name}\n");
        for (int y = 0; y < Rows; y++)
        {
            for (int x = 0; x < Columns; x++)
            {
                // One patch is missing.
                if ((x, y) != (2, 1))
                    text.Append(CultureInfo.InvariantCulture, $"{100 * x},{100 * y},100,100,{1 - probability(x, y)},{probability(x, y)}\n");
            }
        }

        File.WriteAllText(path, text.ToString());
    }
}
