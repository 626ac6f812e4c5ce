using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microtome.Imaging;
using Microtome.Pathology;

namespace Microtome.Cohorts;

/// <summary>
/// A folder of patches to be segmented by hand, in the layout of the published ones: crosswalk.csv, <c>{id}_crop.png</c>, <c>{id}_predicted_mask.png</c>, and from people
/// <c>{id}_labeled_mask_corrected.png</c> and <c>{id}_labeled_mask_common0..2.png</c>, which are never written here.
/// </summary>
public sealed class PatchQueue
{
    /// <summary>The table of the patches.</summary>
    public const string CrosswalkName = "crosswalk.csv";

    private const string SettingsName = "sampling.json";
    private const string Columns = "Patch-ID,slide,patient,CancerType,x,y,width,height,mpp,stratum,prediction,state";
    private const int MostRaters = 3;
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private PatchQueue(string folder, IReadOnlyList<SampledPatch> patches)
    {
        Folder = folder;
        Patches = patches;
    }

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>Its patches, by number.</summary>
    public IReadOnlyList<SampledPatch> Patches { get; private set; }

    /// <summary>Opens a queue to add to it, or begins one.</summary>
    /// <exception cref="UsageException">The queue was begun with other settings.</exception>
    /// <exception cref="SlideException">Its table is damaged.</exception>
    public static PatchQueue Open(string folder, PatchSampleOptions options)
    {
        Directory.CreateDirectory(folder);
        // What a killed run left behind.
        foreach (string file in Directory.EnumerateFiles(folder, ".*.tmp"))
            File.Delete(file);
        string settings = Path.Combine(folder, SettingsName), wanted = new JsonObject
        {
            ["seed"] = options.Seed,
            ["side_px"] = options.SidePixels,
            ["mpp"] = options.Mpp,
            ["strata"] = options.Strata,
            ["most_per_slide"] = options.MostPerSlide,
        }.ToJsonString(s_indented) + "\n";
        if (!File.Exists(settings))
        {
            if (File.Exists(Path.Combine(folder, CrosswalkName)))
                throw new UsageException($"{folder} holds patches that this program did not sample. Give another folder.");
            AtomicFile.WriteAllText(settings, wanted);
        }
        else if (File.ReadAllText(settings) != wanted)
        {
            throw new UsageException($"{folder} was begun with other settings ({string.Join(", ", File.ReadAllText(settings).Split('\n', '{', '}').Select(static l => l.Trim(' ', ',')).Where(static l => l.Length > 0))}). Use the same, or another folder.");
        }

        string crosswalk = Path.Combine(folder, CrosswalkName);
        return new PatchQueue(folder, File.Exists(crosswalk) ? Read(CsvTable.Read(crosswalk)) : []);
    }

    /// <summary>Opens a queue to read it: ours, or a published set whose table has at least Patch-ID and CancerType.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="crosswalk">The table; null: crosswalk.csv in the folder.</param>
    /// <exception cref="SlideException">There is no table, or it is damaged.</exception>
    public static PatchQueue Read(string folder, string? crosswalk = null) => new(folder, Read(CsvTable.Read(crosswalk ?? Path.Combine(folder, CrosswalkName))));

    /// <summary>The picture of a patch.</summary>
    public string Crop(int id) => PathOf(id, "crop");

    /// <summary>What we found in it.</summary>
    public string Predicted(int id) => PathOf(id, "predicted_mask");

    /// <summary>What a person made of it.</summary>
    public string Corrected(int id) => PathOf(id, "labeled_mask_corrected");

    /// <summary>Masks of several people of the same patch that are there.</summary>
    public IReadOnlyList<string> Raters(int id) => [.. Enumerable.Range(0, MostRaters).Select(r => PathOf(id, string.Create(CultureInfo.InvariantCulture, $"labeled_mask_common{r}"))).Where(File.Exists)];

    /// <summary>How far a patch is.</summary>
    public PatchProgress State(int id) => File.Exists(Corrected(id)) ? PatchProgress.Segmented : File.Exists(Crop(id)) && File.Exists(Predicted(id)) ? PatchProgress.Ready : PatchProgress.Planned;

    /// <summary>Writes the table; the file is complete at any moment.</summary>
    public void Write(IReadOnlyList<SampledPatch> patches)
    {
        Patches = patches;
        var text = new StringBuilder(Columns).Append('\n');
        foreach (var p in patches)
        {
            text.Append(CultureInfo.InvariantCulture, $"{p.Id},{CsvTable.Quote(p.Slide)},{CsvTable.Quote(p.Patient)},{CsvTable.Quote(p.Type)},{p.X},{p.Y},{p.Width:R},{p.Height:R},{p.Mpp:R},{p.Stratum},{p.Prediction},");
            text.Append(State(p.Id) switch { PatchProgress.Planned => "planned", PatchProgress.Ready => "ready", _ => "segmented" }).Append('\n');
        }

        AtomicFile.WriteAllText(Path.Combine(Folder, CrosswalkName), text.ToString());
    }

    private string PathOf(int id, string what) => Path.Combine(Folder, string.Create(CultureInfo.InvariantCulture, $"{id}_{what}.png"));

    private static List<SampledPatch> Read(CsvTable table)
    {
        int id = table.Require("Patch-ID"), type = table.Find("CancerType") is >= 0 and var t ? t : table.Require("type"), slide = table.Find("slide"), patient = table.Find("patient");
        int x = table.Find("x"), y = table.Find("y"), width = table.Find("width"), height = table.Find("height"), mpp = table.Find("mpp"), stratum = table.Find("stratum"), prediction = table.Find("prediction");
        var patches = new List<SampledPatch>();
        var seen = new HashSet<int>();
        for (int i = 0; i < table.Rows.Count; i++)
        {
            int number = (int)Number(id, 0);
            if (number < 1 || !seen.Add(number))
                throw new SlideException($"{table.Path}, line {table.Line(i)}: the Patch-ID {table.Rows[i][id]} {(number < 1 ? "is no number from 1 on" : "stands there twice")}.");
            string name = Cell(slide) ?? string.Create(CultureInfo.InvariantCulture, $"patch-{number}");
            patches.Add(new SampledPatch
            {
                Id = number,
                Slide = name,
                Patient = Cell(patient) ?? name,
                Type = Cell(type) ?? string.Empty,
                X = (long)Number(x, 0),
                Y = (long)Number(y, 0),
                Width = Number(width, 0),
                Height = Number(height, 0),
                Mpp = Number(mpp, PatchSampleOptions.DefaultMpp),
                Stratum = (int)Number(stratum, 1),
                Prediction = Cell(prediction) ?? string.Empty,
            });

            string? Cell(int column) => column < 0 || CsvTable.IsMissing(table.Rows[i][column]) ? null : table.Rows[i][column];
            double Number(int column, double other) => Cell(column) is not { } cell ? other : double.TryParse(cell, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) ? value
                : throw new SlideException($"{table.Path}, line {table.Line(i)}: '{cell}' is no number.");
        }

        return patches;
    }
}
