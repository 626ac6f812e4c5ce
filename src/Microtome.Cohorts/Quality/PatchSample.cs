using Microtome.Imaging;
using Microtome.Learning.Supervision.Thresholds;
using Microtome.Pathology;

namespace Microtome.Cohorts;

/// <summary>
/// Samples patches for masks drawn by hand: of each type the same number, over patients and their slides in turn, in an order that depends on seed and names alone. The table of what was chosen
/// is written before any picture, so that a run that was killed goes on, and a cohort that has grown adds patches without touching those that are there.
/// </summary>
public static class PatchSample
{
    /// <summary>Fills a queue.</summary>
    /// <param name="slides">The slides of the cohort.</param>
    /// <param name="output">The folder that holds a folder of results for each.</param>
    /// <param name="folder">The queue's folder.</param>
    /// <param name="options">How many and how.</param>
    /// <param name="failed">Told the slide and the reason for each that cannot be cut.</param>
    /// <param name="cancellation">Stops between patches; the same call goes on.</param>
    /// <returns>The queue; types may have fewer patches than wanted when their slides have no more tissue.</returns>
    /// <exception cref="FolderBusyException">Another run fills the queue.</exception>
    /// <exception cref="UsageException">The queue was begun with other settings, or holds patches of slides that are now excluded.</exception>
    public static PatchQueue Fill(IReadOnlyList<CohortSlide> slides, string output, string folder, PatchSampleOptions options, Action<CohortSlide, string> failed, CancellationToken cancellation = default)
    {
        string work = Path.Combine(folder, ".microtome");
        try
        {
            using var held = OutputLock.Take(work);
            return FillHeld(slides, output, folder, options, failed, cancellation);
        }
        finally
        {
            try
            {
                // An empty work folder says nothing to anyone.
                if (Directory.Exists(work) && Directory.EnumerateFiles(work).All(static f => Path.GetFileName(f) == "lock"))
                    Directory.Delete(work, recursive: true);
            }
            catch (IOException)
            {
                // Another run took the folder at this moment: then it is not empty.
            }
        }
    }

    private static PatchQueue FillHeld(IReadOnlyList<CohortSlide> slides, string output, string folder, PatchSampleOptions options, Action<CohortSlide, string> failed, CancellationToken cancellation)
    {
        var excluded = ExcludedPatients(slides, options);
        var queue = PatchQueue.Open(folder, options);
        if (queue.Patches.FirstOrDefault(p => excluded.Contains(p.Patient)) is { } leak)
            throw new UsageException($"{folder}: patch {leak.Id} was sampled from {leak.Slide} of patient {leak.Patient}, who is excluded now. Sample into another folder.");
        using var opened = new OpenSlides(output, failed);
        var patches = queue.Patches.ToList();
        foreach (var type in slides.Where(s => !excluded.Contains(s.Patient)).GroupBy(static s => s.Type, StringComparer.Ordinal).OrderBy(static g => g.Key, StringComparer.Ordinal))
            Plan(type, patches, opened, options, cancellation);
        queue.Write(patches);
        Draw(queue, slides, opened, options, cancellation);
        return queue;
    }

    // An excluded slide takes its patient along, and with the patient all other slides.
    private static HashSet<string> ExcludedPatients(IReadOnlyList<CohortSlide> slides, PatchSampleOptions options)
    {
        var names = options.Excluded.Select(static e => e.Trim()).Where(static e => e.Length > 0).ToHashSet(StringComparer.Ordinal);
        return slides.Where(s => names.Contains(s.Name) || names.Contains(s.Patient) || names.Contains(SlideName.Of(s.Path)) || names.Contains(LeakageFilter.PatientOf(s.Name, null))).Select(static s => s.Patient).Concat(names).ToHashSet(StringComparer.Ordinal);
    }

    private static void Plan(IGrouping<string, CohortSlide> type, List<SampledPatch> patches, OpenSlides opened, PatchSampleOptions options, CancellationToken cancellation)
    {
        int missing = options.PerType - patches.Count(p => p.Type == type.Key);
        var taken = patches.Select(static p => (p.Slide, p.X, p.Y)).ToHashSet();
        var patients = type.GroupBy(static s => s.Patient, StringComparer.Ordinal).OrderBy(g => AnalysedSlide.Hash(options.Seed, g.Key)).ThenBy(static g => g.Key, StringComparer.Ordinal)
            .Select(g => g.OrderBy(s => AnalysedSlide.Hash(options.Seed, s.Name)).ThenBy(static s => s.Name, StringComparer.Ordinal).ToArray()).ToArray();
        var candidates = new Dictionary<string, IReadOnlyList<SampledPatch>>(StringComparer.Ordinal);
        int next = patches.Count == 0 ? 1 : patches.Max(static p => p.Id) + 1, most = patients.Length == 0 ? 0 : patients.Max(static p => p.Length) * options.MostPerSlide;
        for (int turn = 0; turn < most && missing > 0; turn++)
        {
            foreach (var own in patients)
            {
                cancellation.ThrowIfCancellationRequested();
                int place = turn / own.Length;
                if (missing == 0 || place >= options.MostPerSlide)
                    continue;
                var slide = own[turn % own.Length];
                if (!candidates.TryGetValue(slide.Name, out var places))
                    candidates[slide.Name] = places = [.. opened.Get(slide)?.Candidates(slide, options).Take(options.MostPerSlide) ?? []];
                if (place >= places.Count || !taken.Add((slide.Name, places[place].X, places[place].Y)))
                    continue;
                patches.Add(places[place] with { Id = next++ });
                missing--;
            }
        }
    }

    private static void Draw(PatchQueue queue, IReadOnlyList<CohortSlide> slides, OpenSlides opened, PatchSampleOptions options, CancellationToken cancellation)
    {
        var bySlide = slides.ToDictionary(static s => s.Name, StringComparer.Ordinal);
        var patches = queue.Patches.ToArray();
        foreach (var group in Enumerable.Range(0, patches.Length).GroupBy(i => patches[i].Slide, StringComparer.Ordinal))
        {
            if (!bySlide.TryGetValue(group.Key, out var slide) || opened.Get(slide) is not { } analysed)
                continue;
            foreach (int i in group)
            {
                cancellation.ThrowIfCancellationRequested();
                // A slide that was analysed anew shows its new nuclei; the picture and what people drew stay.
                bool stale = patches[i].Prediction != analysed.Prediction;
                patches[i] = patches[i] with { Prediction = analysed.Prediction };
                if (stale || !File.Exists(queue.Crop(patches[i].Id)) || !File.Exists(queue.Predicted(patches[i].Id)))
                    analysed.Write(queue, patches[i], options);
            }
        }

        queue.Write(patches);
    }

    /// <summary>Slides are opened once, the last few are kept, and one that cannot be opened is told of once.</summary>
    private sealed class OpenSlides(string output, Action<CohortSlide, string> failed) : IDisposable
    {
        private const int Kept = 8;
        private readonly Dictionary<string, AnalysedSlide> open = new(StringComparer.Ordinal);
        private readonly Queue<string> order = new();
        private readonly HashSet<string> broken = new(StringComparer.Ordinal);

        public AnalysedSlide? Get(CohortSlide slide)
        {
            if (open.TryGetValue(slide.Name, out var known))
                return known;
            if (broken.Contains(slide.Name))
                return null;
            try
            {
                var analysed = AnalysedSlide.Open(slide, output);
                if (order.Count == Kept && open.Remove(order.Dequeue(), out var oldest))
                    oldest.Dispose();
                open[slide.Name] = analysed;
                order.Enqueue(slide.Name);
                return analysed;
            }
            catch (Exception e) when (e is SlideException or IOException or UnauthorizedAccessException)
            {
                broken.Add(slide.Name);
                failed(slide, e.Message);
                return null;
            }
        }

        public void Dispose()
        {
            foreach (var slide in open.Values)
                slide.Dispose();
        }
    }
}
