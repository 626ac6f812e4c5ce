using System.Globalization;
using Microtome.Pathology;

namespace Microtome.Cohorts;

/// <summary>
/// Judges slides by what was measured of them: against fixed limits, and against the slides of their type. A type with too few slides is held against the whole cohort. The result
/// does not depend on the order of the slides.
/// </summary>
public static class CohortQuality
{
    /// <summary>The name of the reference of all slides.</summary>
    public const string WholeCohort = "all";

    // Below this the numbers of a slide are compared with nothing: they are noise.
    private const int FewestNuclei = 20;

    private const double MostSevere = 100;

    /// <summary>Judges slides, in the order in which they are given.</summary>
    /// <param name="slides">The slides with their measurements.</param>
    /// <param name="limits">What is unusual and what is bad; null: the defaults.</param>
    public static IReadOnlyList<SlideJudgement> Judge(IReadOnlyList<(CohortSlide Slide, SlideQuality Quality)> slides, QualityLimits? limits = null)
    {
        limits ??= new QualityLimits();
        // Slides without tissue or nuclei say nothing about what is usual.
        var usual = slides.Where(s => s.Quality.TissueAreaMm2 >= limits.LeastTissueMm2 && s.Quality.Nuclei is null or { Count: >= FewestNuclei }).ToArray();
        var references = usual.Where(static s => s.Slide.Type.Length > 0).GroupBy(static s => s.Slide.Type, StringComparer.Ordinal).Where(g => g.Count() >= limits.FewestSlides)
            .ToDictionary(static g => g.Key, static g => new QualityReference(g.Key, [.. g.Select(static s => s.Quality)]), StringComparer.Ordinal);
        QualityReference? all = null;
        if (usual.Length >= limits.FewestSlides && slides.Any(s => !references.ContainsKey(s.Slide.Type)))
            all = new QualityReference(WholeCohort, [.. usual.Select(static s => s.Quality)]);
        var judgements = new SlideJudgement[slides.Count];
        Parallel.For(0, slides.Count, i => judgements[i] = Judge(slides[i].Slide, slides[i].Quality, references.GetValueOrDefault(slides[i].Slide.Type) ?? all, limits));
        return judgements;
    }

    private static SlideJudgement Judge(CohortSlide slide, SlideQuality quality, QualityReference? reference, QualityLimits limits)
    {
        var findings = new List<QualityFinding>();
        double rest = 0;
        AddFixed(findings, quality, limits, ref rest);
        bool empty = findings.Any(static f => f.Cause is QualityCause.NoTissue or QualityCause.NoNuclei);
        if (reference is not null && !empty)
            AddCompared(findings, quality, reference, limits, ref rest);
        return new SlideJudgement
        {
            Slide = slide,
            Verdict = findings.Count == 0 ? SlideVerdict.Good : findings.Max(static f => f.Verdict),
            Score = Math.Round(Math.Min(MostSevere, findings.Select(static f => f.Severity).Append(rest).Max()), 6),
            Reference = reference?.Name ?? string.Empty,
            ReferenceSlides = reference?.Slides ?? 0,
            // A distribution that is off says less than a cause with a name.
            Findings = [.. findings.OrderByDescending(static f => f.Verdict).ThenBy(static f => f.Cause == QualityCause.UnusualNuclei).ThenByDescending(static f => f.Severity)],
        };
    }

    private static void AddFixed(List<QualityFinding> findings, SlideQuality quality, QualityLimits limits, ref double rest)
    {
        if (quality.TissueAreaMm2 < limits.LeastTissueMm2)
        {
            findings.Add(new(QualityCause.NoTissue, SlideVerdict.Bad, "tissue_area_mm2", quality.TissueAreaMm2, limits.LeastTissueMm2, MostSevere, Text($"no tissue: {quality.TissueAreaMm2:0.####} mm2, at least {limits.LeastTissueMm2} are needed")));
            return;
        }

        Share(findings, QualityCause.Blur, "blurred_fraction", "of the squares are out of focus", quality.Focus?.BlurredFraction, limits.Blurred, ref rest);
        Share(findings, QualityCause.Pen, "pen_per_tissue", "pen marks per tissue", quality.PenPerTissue, limits.Pen, ref rest);
        Share(findings, QualityCause.Pen, "foreign_fraction", "of the stained pixels have colours of ink or pigment", quality.Stain?.ForeignFraction, limits.Foreign, ref rest);
        Share(findings, QualityCause.Fold, "fold_fraction", "of the tissue is folded or very dense", quality.FoldFraction, limits.Fold, ref rest);
        if (quality.Nuclei is not { } nuclei)
            return;
        if (nuclei.Count == 0)
        {
            findings.Add(new(QualityCause.NoNuclei, SlideVerdict.Bad, "count", 0, 1, MostSevere, Text($"no nuclei: {quality.TissueAreaMm2:0.###} mm2 of tissue and not a single nucleus")));
            return;
        }

        double area = nuclei.AreaMedianUm2;
        if (nuclei.Count >= FewestNuclei && (area < limits.AreaUm2.Least || area > limits.AreaUm2.Most))
        {
            bool small = area < limits.AreaUm2.Least;
            double limit = small ? limits.AreaUm2.Least : limits.AreaUm2.Most;
            findings.Add(new(small ? QualityCause.OverSegmentation : QualityCause.UnderSegmentation, SlideVerdict.Bad, QualityMeasure.Area, Math.Round(area, 3), limit, small ? limit / area : area / limit, Text($"{(small ? "over" : "under")}-segmentation or wrong mpp: median nuclear area {area:0.#} um2, nuclei have {limits.AreaUm2.Least:0.#} to {limits.AreaUm2.Most:0.#}")));
        }
    }

    private static void Share(List<QualityFinding> findings, QualityCause cause, string measure, string words, double? share, (double Unusual, double Bad) limit, ref double rest)
    {
        if (share is not { } value)
            return;
        double severity = value / limit.Bad;
        rest = Math.Max(rest, severity);
        if (value > limit.Unusual)
            findings.Add(new(cause, value >= limit.Bad ? SlideVerdict.Bad : SlideVerdict.Acceptable, measure, value, limit.Unusual, severity, Text($"{Word(cause)}: {100 * value:0.#} % {words} (unusual above {100 * limit.Unusual:0.#} %, bad from {100 * limit.Bad:0.#} %)")));
    }

    private static void AddCompared(List<QualityFinding> findings, SlideQuality quality, QualityReference reference, QualityLimits limits, ref double rest)
    {
        var size = PixelSizeCheck.Factor(quality, reference, limits);
        if (size is { } wrong)
        {
            // What follows from the pixel size is no reason of its own.
            findings.RemoveAll(static f => f.Measure == QualityMeasure.Area);
            double severity = Math.Max(1, Math.Abs(Math.Log2(wrong.Factor)) / Math.Log2(limits.PixelSizeFactor));
            findings.Add(new(QualityCause.WrongPixelSize, SlideVerdict.Bad, "mpp", quality.Mpp, Math.Round(quality.Mpp / wrong.Factor, 4), severity, Text(
                $"wrong mpp: nuclei are {wrong.AreaRatio:0.##} times as large and {wrong.DensityRatio:0.##} times as dense as in {Of(reference)}; the pixel size of {quality.Mpp:0.####} um is probably {wrong.Factor:0.##} times the true one, which would be about {quality.Mpp / wrong.Factor:0.####}")));
        }

        for (int i = 0; i < QualityMeasure.All.Count; i++)
        {
            var measure = QualityMeasure.All[i];
            double value = measure.Value(quality), deviations = reference.Deviations(i, measure.Scaled(value));
            if ((deviations < 0 ? measure.Low : measure.High) is not { } cause || !double.IsFinite(deviations))
                continue;
            if (size is not null && measure.Name is QualityMeasure.Area or QualityMeasure.Density or QualityMeasure.Neighbour or "small_fraction")
                continue;
            double median = measure.Logarithmic ? Math.Pow(2, reference.Median(i)) : reference.Median(i);
            Compare(findings, cause, measure.Name, Math.Abs(deviations), value, median, measure.CanBeBad, limits, ref rest, () => Text($"{Word(cause)}: {measure.Words} {Number(value)} against {Number(median)} of {Of(reference)} ({Math.Abs(deviations):0.#} deviations {(deviations < 0 ? "below" : "above")})"));
        }

        for (int d = 0; d < QualityDistribution.All.Count; d++)
        {
            var distribution = QualityDistribution.All[d];
            if (reference.Distance(d, quality) is not { } found || (size is not null && d < 2))
                continue;
            Compare(findings, QualityCause.UnusualNuclei, "distance_" + distribution.Name, found.Deviations, found.Distance, found.Median, true, limits, ref rest, () => Text($"{Word(QualityCause.UnusualNuclei)}: the distribution of {distribution.Words} lies {Number(found.Distance)} from that of {Of(reference)}, which lie {Number(found.Median)} from it ({found.Deviations:0.#} deviations)"));
        }
    }

    private static void Compare(List<QualityFinding> findings, QualityCause cause, string measure, double deviations, double value, double expected, bool canBeBad, QualityLimits limits, ref double rest, Func<string> text)
    {
        // What cannot make a slide bad stays below 1.
        double severity = deviations / limits.BadDeviations;
        if (!canBeBad && severity >= 0.5)
            severity = 1 - (0.25 / severity);
        rest = Math.Max(rest, severity);
        if (deviations < limits.UnusualDeviations)
            return;
        var verdict = canBeBad && deviations >= limits.BadDeviations ? SlideVerdict.Bad : SlideVerdict.Acceptable;
        findings.Add(new(cause, verdict, measure, Math.Round(value, 6), Math.Round(expected, 6), severity, text()));
    }

    private static string Of(QualityReference reference) => reference.Name == WholeCohort ? $"all {reference.Slides} slides" : $"{reference.Slides} slides of {reference.Name}";

    private static string Word(QualityCause cause) => QualityWords.Of(cause);

    private static string Number(double value) => value.ToString(Math.Abs(value) >= 100 ? "0" : Math.Abs(value) >= 10 ? "0.0" : Math.Abs(value) >= 1 ? "0.00" : "0.000", CultureInfo.InvariantCulture);

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
