using System.Globalization;
using System.Text;
using Microtome.Imaging;
using Microtome.Pathology;

namespace Microtome.Cohorts;

/// <summary>The patches of a queue against the masks that people drew.</summary>
public sealed class PatchScores
{
    private PatchScores(IReadOnlyList<PatchScore> patches, IReadOnlyList<PatchScore> raters, IReadOnlyList<PatchScore> ratersAgainstUs, int waiting, int seed)
    {
        Patches = patches;
        Waiting = waiting;
        Types = [.. patches.GroupBy(static p => p.Patch.Type, StringComparer.Ordinal).OrderBy(static g => g.Key, StringComparer.Ordinal).Select(g => PatchFigures.Of(g.Key, [.. g], seed))];
        All = patches.Count == 0 ? null : PatchFigures.Of("all", patches, seed);
        Raters = raters.Count == 0 ? null : PatchFigures.Of("between raters", raters, seed);
        RatersAgainstUs = ratersAgainstUs.Count == 0 ? null : PatchFigures.Of("raters against us", ratersAgainstUs, seed);
    }

    /// <summary>The patches with a mask, by number.</summary>
    public IReadOnlyList<PatchScore> Patches { get; }

    /// <summary>Patches without a mask yet.</summary>
    public int Waiting { get; }

    /// <summary>Figures of each type.</summary>
    public IReadOnlyList<PatchFigures> Types { get; }

    /// <summary>Figures over all patches; null when none has a mask.</summary>
    public PatchFigures? All { get; }

    /// <summary>How well people agree with each other, over all pairs of masks of one patch; null when no patch has two.</summary>
    public PatchFigures? Raters { get; }

    /// <summary>The same people against us, on the same patches.</summary>
    public PatchFigures? RatersAgainstUs { get; }

    /// <summary>Scores a queue.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="rule">What becomes of nuclei that the border cuts.</param>
    /// <param name="seed">Seed of the intervals.</param>
    /// <param name="failed">Told the patch and the reason for each that cannot be scored.</param>
    public static PatchScores Of(PatchQueue queue, PatchBorderRule rule, int seed, Action<SampledPatch, string> failed)
    {
        List<PatchScore> scores = [], raters = [], against = [];
        int waiting = 0;
        foreach (var patch in queue.Patches)
        {
            try
            {
                Raster<int>[] several = [.. queue.Raters(patch.Id).Select(LabelImage.Read)];
                bool drawn = File.Exists(queue.Corrected(patch.Id));
                if (!drawn && several.Length == 0)
                {
                    waiting++;
                    continue;
                }

                if (!File.Exists(queue.Predicted(patch.Id)))
                    throw new SlideException($"{queue.Predicted(patch.Id)} does not exist: there is nothing to compare the mask with. Run 'microtome cohort patches sample' again.");
                var own = LabelImage.Read(queue.Predicted(patch.Id));
                if (drawn)
                    scores.Add(PatchScore.Of(patch, LabelImage.Read(queue.Corrected(patch.Id)), own, rule));
                else
                    waiting++;
                if (several.Length < 2)
                    continue;
                for (int a = 0; a < several.Length; a++)
                {
                    against.Add(PatchScore.Of(patch, several[a], own, rule));
                    for (int b = a + 1; b < several.Length; b++)
                        raters.Add(PatchScore.Of(patch, several[a], several[b], rule));
                }
            }
            catch (Exception e) when (e is SlideException or ArgumentException)
            {
                failed(patch, e.Message);
            }
        }

        return new PatchScores(scores, raters, against, waiting, seed);
    }

    /// <summary>The table of both levels, a row a slide: slide, type, verdict, reviewer, n_patches, dice, aji, det_f1.</summary>
    /// <param name="verdicts">Verdicts on slides; slides without patches are listed, too.</param>
    /// <param name="types">The type of a slide that has no patch; null when not known.</param>
    public string Table(IReadOnlyDictionary<string, (SlideVerdict Verdict, string Reviewer)> verdicts, IReadOnlyDictionary<string, string>? types = null)
    {
        var patches = Patches.GroupBy(static p => p.Patch.Slide, StringComparer.Ordinal).ToDictionary(static g => g.Key, static g => g.ToArray(), StringComparer.Ordinal);
        var text = new StringBuilder("slide,type,verdict,reviewer,n_patches,dice,aji,det_f1\n");
        foreach (string slide in patches.Keys.Union(verdicts.Keys).Order(StringComparer.Ordinal))
        {
            var own = patches.GetValueOrDefault(slide) ?? [];
            bool judged = verdicts.TryGetValue(slide, out var verdict);
            string type = own.Length > 0 ? own[0].Patch.Type : types?.GetValueOrDefault(slide) ?? string.Empty;
            text.AppendJoin(',', CsvTable.Quote(slide), CsvTable.Quote(type), judged ? QualityWords.Of(verdict.Verdict) : "NA", judged ? CsvTable.Quote(verdict.Reviewer) : "NA", own.Length.ToString(CultureInfo.InvariantCulture));
            text.Append(',').AppendJoin(',', Mean(static p => p.Dice), Mean(static p => p.Aji), Mean(static p => p.Objects.Scores.DetectionF1)).Append('\n');

            string Mean(Func<PatchScore, double> value) => own.Length == 0 ? "NA" : Math.Round(own.Average(value), 5).ToString(CultureInfo.InvariantCulture);
        }

        return text.ToString();
    }
}
