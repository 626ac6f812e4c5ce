using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microtome.Imaging;
using Microtome.Pathology;

namespace Microtome.Cohorts;

/// <summary>A slide with the results from which patches are cut.</summary>
internal sealed class AnalysedSlide : IDisposable
{
    private const double LeastTissue = 0.9;
    private readonly ISlide slide;
    private readonly TissueMask tissue;

    private AnalysedSlide(ISlide slide, TissueMask tissue, string geoPackage, string prediction)
    {
        this.slide = slide;
        this.tissue = tissue;
        GeoPackage = geoPackage;
        Prediction = prediction;
    }

    /// <summary>Its nuclei.</summary>
    public string GeoPackage { get; }

    /// <summary>The first digits of the SHA-256 of the nuclei.</summary>
    public string Prediction { get; }

    /// <summary>Opens a slide of an output folder.</summary>
    /// <exception cref="SlideException">The slide or its results are missing, damaged, or belong to each other no longer.</exception>
    public static AnalysedSlide Open(CohortSlide cohort, string output)
    {
        string folder = Path.Combine(output, cohort.Name), provenance = Path.Combine(folder, ResultFolder.ProvenanceName), geoPackage = Path.Combine(folder, "nuclei.gpkg"), outline = Path.Combine(folder, "tissue.geojson");
        if (!File.Exists(provenance) || !File.Exists(geoPackage) || !File.Exists(outline))
            throw new SlideException($"{cohort.Name}: {folder} does not hold tissue and nuclei. Run 'microtome analyze' on the slide.");
        JsonNode? root;
        string? sha, fingerprint;
        double? mppX, mppY;
        try
        {
            root = JsonNode.Parse(File.ReadAllText(provenance));
            fingerprint = (string?)root?["input"]?["fingerprint"];
            (mppX, mppY) = ((double?)root?["mpp"]?["x"], (double?)root?["mpp"]?["y"]);
            sha = (root?["steps"]?["nuclei"]?["outputs"] as JsonArray)?.Select(static o => (string?)o?["sha256"]).FirstOrDefault();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new SlideException($"{provenance} is damaged ({e.Message.Split('\n')[0]}). Analyse the slide again.", e);
        }

        if (mppX is not { } x || mppY is not { } y || sha is null)
            throw new SlideException($"{provenance} does not say what was analysed. Analyse the slide again.");
        string path = cohort.Path.Length > 0 ? cohort.Path : (string?)root?["input"]?["path"] ?? string.Empty;
        if (InputFingerprint.Of(path).Value is var now && fingerprint is not null && now != fingerprint)
            throw new SlideException($"{cohort.Name}: {path} is {(now.StartsWith("address:", StringComparison.Ordinal) ? "no longer there" : "not the file that was analysed")}.");
        var opened = Slide.Open(path, new PixelSize(x, y, PixelSizeSource.User));
        try
        {
            return new AnalysedSlide(opened, TissueMask.FromGeoJson(opened, outline), geoPackage, sha[..12]);
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>Places for patches: squares of a lattice that are tissue, in an order that depends on seed and slide alone.</summary>
    public IEnumerable<SampledPatch> Candidates(CohortSlide cohort, PatchSampleOptions options)
    {
        var size = slide.RequirePixelSize();
        double width = options.SidePixels * options.Mpp / size.X, height = options.SidePixels * options.Mpp / size.Y;
        var level0 = slide.Levels[0];
        long columns = (long)Math.Floor(level0.Width / width), rows = (long)Math.Floor(level0.Height / height);
        ulong seed = Hash(options.Seed, cohort.Name);
        var places = new List<(ulong Order, long X, long Y)>();
        for (long row = 0; row < rows; row++)
        {
            for (long column = 0; column < columns; column++)
            {
                long x = (long)Math.Floor(column * width), y = (long)Math.Floor(row * height);
                if (tissue.Coverage(new Level0Rect(x, y, (long)Math.Round(width), (long)Math.Round(height))) >= LeastTissue)
                    places.Add((Mix(seed ^ Mix(((ulong)row << 32) | (ulong)column)), x, y));
            }
        }

        places.Sort();
        var patches = places.Select(p => new SampledPatch { Id = 0, Slide = cohort.Name, Patient = cohort.Patient, Type = cohort.Type, X = p.X, Y = p.Y, Width = width, Height = height, Mpp = options.Mpp, Prediction = Prediction });
        return options.Strata == 1 ? patches : Stratified([.. patches.Take(options.Strata * Math.Max(12, options.MostPerSlide))], options.Strata, (int)(seed % (ulong)options.Strata));
    }

    /// <summary>Writes the picture of a patch, and what was found in it.</summary>
    public void Write(PatchQueue queue, SampledPatch patch, PatchSampleOptions options)
    {
        if (!File.Exists(queue.Crop(patch.Id)))
        {
            var crop = new RgbImage(options.SidePixels, options.SidePixels);
            slide.ReadScaled((patch.X, patch.Y, patch.Width, patch.Height), crop);
            ImageFile.WritePng(queue.Crop(patch.Id), crop);
        }

        LabelImage.Write(queue.Predicted(patch.Id), PatchPrediction.Labels(GeoPackage, patch, options.SidePixels));
    }

    /// <summary>A number that depends on seed and name alone.</summary>
    public static ulong Hash(long seed, string name) => BitConverter.ToUInt64(SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{seed}/{name}"))));

    public void Dispose() => slide.Dispose();

    // From the strata in turn, each in the order of the places.
    private List<SampledPatch> Stratified(List<SampledPatch> patches, int strata, int first)
    {
        int[] counts = [.. patches.Select(p => PatchPrediction.Count(GeoPackage, p))];
        int[] ranked = [.. Enumerable.Range(0, patches.Count).OrderBy(i => counts[i])];
        var queues = Enumerable.Range(0, strata).Select(static _ => new List<int>()).ToArray();
        for (int r = 0; r < ranked.Length; r++)
            queues[r * strata / ranked.Length].Add(ranked[r]);
        foreach (var queue in queues)
            queue.Sort();
        var result = new List<SampledPatch>();
        for (int turn = 0; result.Count < patches.Count; turn++)
        {
            int stratum = (turn + first) % strata;
            if (turn / strata < queues[stratum].Count)
                result.Add(patches[queues[stratum][turn / strata]] with { Stratum = stratum + 1 });
        }

        return result;
    }

    // Splitmix64 (Steele et al. 2014): every bit of the result depends on every bit of the number.
    private static ulong Mix(ulong value)
    {
        value += 0x9e3779b97f4a7c15;
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
        value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
        return value ^ (value >> 31);
    }
}
