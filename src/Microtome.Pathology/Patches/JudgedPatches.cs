using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microtome.Imaging;
using Microtome.Learning.Models;
using Microtome.Learning.Supervision.Patches;
using Microtome.Learning.Supervision.Thresholds;

namespace Microtome.Pathology;

/// <summary>What people judged on slides, cut out of them and split by patient.</summary>
/// <param name="Training">Judged patches that are trained from.</param>
/// <param name="Validation">Judged patches of patients that are not; empty where no honest validation is possible.</param>
/// <param name="Others">Patches of the training slides that nobody judged.</param>
/// <param name="Slides">The slides.</param>
/// <param name="Notes">What a person should know.</param>
public sealed record JudgedPatches(IReadOnlyList<SuperPatch> Training, IReadOnlyList<LabelledPatch> Validation, IReadOnlyList<SuperPatch> Others, IReadOnlyList<JudgedSlide> Slides, IReadOnlyList<string> Notes)
{
    /// <summary>A threshold is moved only on this many validation labels, and on a third of it of each class.</summary>
    public const int EnoughForThreshold = 30;

    private const int MostOthers = 400;
    private const double ValidationShare = 0.2;
    // The size of a patch in microns may differ by rounding to whole pixels.
    private const double SizeTolerance = 0.03;
    private const int MostPixels = 1 << 13;

    /// <summary>Judged patches that are left out, because nobody could judge them.</summary>
    public int Unclear => Slides.Sum(static s => s.Unclear);

    /// <summary>Whether the validation patches are enough to fix a threshold on.</summary>
    public bool FixesThreshold => Validation.Count >= EnoughForThreshold && Math.Min(Validation.Count(static p => p.Label == 1), Validation.Count(static p => p.Label == 0)) >= EnoughForThreshold / 3;

    /// <summary>Cuts the patches. Files that are there already are not cut again.</summary>
    /// <param name="slides">The slides.</param>
    /// <param name="task">til or tumor.</param>
    /// <param name="config">The model that is trained.</param>
    /// <param name="folder">Receives <c>patches/</c> and <c>others/</c>.</param>
    /// <param name="seed">Of the split and of the choice of other patches.</param>
    /// <param name="log">Receives a line a slide.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="SlideException">Labels are of one class only, all unclear, or of patches of another size; or a slide cannot be read.</exception>
    public static JudgedPatches Cut(IReadOnlyList<JudgedSlide> slides, PatchTask task, PatchModelConfig config, string folder, int seed, Action<string> log, CancellationToken cancellation)
    {
        var labels = slides.SelectMany(static s => s.Labels).ToList();
        int unclear = slides.Sum(static s => s.Unclear), positives = labels.Count(static l => l.Positive == true);
        if (labels.Count == 0)
            throw new SlideException($"All {unclear} labels for '{task.Name}' are '{PatchLabelFile.Unclear}': there is nothing to learn from. Label some patches {task.Positive} and some {task.Negative}.");
        if (positives == 0 || positives == labels.Count)
            throw new SlideException($"All {labels.Count} labels for '{task.Name}' are {(positives == 0 ? task.Negative : task.Positive)}: a classifier needs both. Label some patches {(positives == 0 ? task.Positive : task.Negative)} too.");
        foreach (var slide in slides)
            CheckSize(slide, config);

        var notes = new List<string>();
        var held = Hold(slides, seed, notes);
        var training = new List<SuperPatch>();
        var validation = new List<LabelledPatch>();
        var others = new List<SuperPatch>();
        int each = Math.Max(20, MostOthers / slides.Count(s => !held.Contains(s.Patient)));
        foreach (var judged in slides)
        {
            cancellation.ThrowIfCancellationRequested();
            using var slide = Slide.Open(judged.Path);
            string place = judged.Name + "-" + InputFingerprint.Sha256OfText(judged.Fingerprint)[..8];
            var cut = judged.Labels.Select(l => Read(slide, judged, l, l.Positive == true ? 1 : 0, config.PatchSizePixels, Path.Combine(folder, "patches", place))).ToList();
            if (held.Contains(judged.Patient))
            {
                validation.AddRange(cut.Select(p => p.Middle(config.PatchSizePixels)));
            }
            else
            {
                training.AddRange(cut);
                if (others.Count < MostOthers)
                    others.AddRange(Unjudged(judged, task, config, each, seed).Select(l => Read(slide, judged, l, 0, config.PatchSizePixels, Path.Combine(folder, "others", place))));
            }

            log($"{judged.Name}: {judged.Labels.Count} judged patches, {judged.Labels.Count(static l => l.Positive == true)} positive, {judged.Unclear} unclear{(held.Contains(judged.Patient) ? "; validation" : string.Empty)}");
        }

        return new JudgedPatches(training, validation, others, slides, notes);
    }

    private static void CheckSize(JudgedSlide slide, PatchModelConfig config)
    {
        foreach (var label in slide.Labels.Where(_ => slide.Mpp is not null))
        {
            double width = label.Width * slide.Mpp!.Value.X, height = label.Height * slide.Mpp.Value.Y;
            if (Math.Abs(width - config.PatchUm) > SizeTolerance * config.PatchUm || Math.Abs(height - config.PatchUm) > SizeTolerance * config.PatchUm)
            {
                throw new SlideException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{slide.Name}: patches of {width:0.##} x {height:0.##} um were labelled, and the model takes {config.PatchUm:0.##} um. Start from the model that the slide was analysed with."));
            }
        }
    }

    /// <summary>The patients whose labels validate: in an order that the seed shuffles, until a fifth of the labels and both classes are there, if both remain to train from.</summary>
    private static HashSet<string> Hold(IReadOnlyList<JudgedSlide> slides, int seed, List<string> notes)
    {
        var patients = slides.Where(static s => s.Labels.Count > 0)
            .GroupBy(static s => s.Patient, StringComparer.Ordinal)
            .Select(static g => (Patient: g.Key, Positive: g.Sum(static s => s.Labels.Count(static l => l.Positive == true)), All: g.Sum(static s => s.Labels.Count)))
            .OrderBy(p => InputFingerprint.Sha256OfText($"{seed}/{p.Patient}"), StringComparer.Ordinal)
            .ToList();
        int all = patients.Sum(static p => p.All), positive = patients.Sum(static p => p.Positive), heldAll = 0, heldPositive = 0;
        var held = new HashSet<string>(StringComparer.Ordinal);
        bool Enough() => heldAll >= ValidationShare * all && heldPositive > 0 && heldAll > heldPositive;
        foreach (var p in patients)
        {
            if (Enough())
                break;
            int restPositive = positive - heldPositive - p.Positive, rest = all - heldAll - p.All;
            if (restPositive == 0 || rest - restPositive == 0 || rest < all / 2)
                continue;
            held.Add(p.Patient);
            (heldAll, heldPositive) = (heldAll + p.All, heldPositive + p.Positive);
        }

        if (heldPositive > 0 && heldAll > heldPositive)
            return held;
        notes.Add(patients.Count == 1
            ? $"All labels are of one {(slides.Count == 1 ? "slide" : "patient")}: there is no honest validation, and how good the model is on others is not known."
            : "No patients could be kept back with labels of both classes: there is no honest validation. Label more slides.");
        return [];
    }

    // Half of them anywhere, half where the map is not plainly negative: the cut runs there.
    private static IEnumerable<PatchLabel> Unjudged(JudgedSlide slide, PatchTask task, PatchModelConfig config, int most, int seed)
    {
        string path = Path.Combine(slide.Folder, task.Name + ".csv");
        if (!File.Exists(path))
            return [];
        var table = PatchTable.Read(path);
        int positive = table.Classes.ToList().IndexOf(task.Positive);
        if (table.PatchWidth is not { } width || table.PatchHeight is not { } height || positive < 0)
            return [];
        var judged = slide.Labels.Select(static l => (l.X, l.Y)).ToHashSet();
        PatchLabel[] free = [.. Enumerable.Range(0, table.Count)
            .Select(i => new PatchLabel(task.Name, table.CentreX[i] - (width / 2), table.CentreY[i] - (height / 2), width, height, string.Empty, null, table.Probabilities[(i * table.Classes.Count) + positive], default))
            .Where(l => !judged.Contains((l.X, l.Y)))];
        new Random(BitConverter.ToInt32(SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}/{slide.Name}/{config.PatchSizePixels}")))).Shuffle(free);
        return free.Where(static l => l.Probability >= 0.1).Take(most / 2).Concat(free).Distinct().Take(most);
    }

    private static SuperPatch Read(ISlide slide, JudgedSlide judged, PatchLabel label, int positive, int pixels, string folder)
    {
        int width = (int)Math.Round(label.Width), height = (int)Math.Round(label.Height), rim = (int)Math.Round(label.Width / 4), rimY = (int)Math.Round(label.Height / 4);
        if (width is < 1 or > MostPixels || height is < 1 or > MostPixels)
            throw new SlideException($"{judged.Name}: a labelled patch would have {width} x {height} px. Is {PatchLabelFile.Name} in order?");
        long left = (long)Math.Round(label.X) - rim, top = (long)Math.Round(label.Y) - rimY;
        var level0 = slide.Levels[0];
        if (label.X < 0 || label.Y < 0 || label.X > level0.Width || label.Y > level0.Height)
            throw new SlideException(string.Create(CultureInfo.InvariantCulture, $"{judged.Name}: the labelled patch at {label.X}, {label.Y} lies outside the slide of {level0.Width} x {level0.Height} px. Is {PatchLabelFile.Name} of another slide?"));
        string name = new PatchFileName(judged.Name, left, top, (int)(label.X / width), (int)(label.Y / height), width + (2 * rim), positive).ToString();
        string path = Path.Combine(folder, name);
        if (!File.Exists(path))
        {
            var source = slide.ReadRegion(new LevelRect(0, left, top, width + (2 * rim), height + (2 * rimY)));
            var picture = new RgbImage(pixels + (2 * (int)Math.Round((double)pixels * rim / width)), pixels + (2 * (int)Math.Round((double)pixels * rimY / height)));
            AntialiasedResize.Resize(source, picture);
            Directory.CreateDirectory(folder);
            ImageFile.WritePng(path, picture);
        }

        return new SuperPatch(name, () => ImageFile.ReadRgb(path), positive, judged.Patient, judged.Name, string.Empty);
    }
}
