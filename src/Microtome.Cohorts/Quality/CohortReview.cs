using System.Text.Json;
using System.Text.Json.Nodes;
using Microtome.Imaging;
using Microtome.Ledger;

namespace Microtome.Cohorts;

/// <summary>The verdicts on the slides of a cohort: suggestions from their measurements, and what people decided, kept in the ledger with who and when.</summary>
public static class CohortReview
{
    private const string Kind = "verdict";

    /// <summary>The verdicts on all finished slides.</summary>
    /// <param name="cohort">The cohort.</param>
    /// <param name="missing">Told of slides without measurements, with the reason.</param>
    public static IReadOnlyList<SlideReview> Of(Cohort cohort, Action<CohortSlide, string>? missing = null)
    {
        var slides = cohort.Slides().Where(s => s.Item.State == ItemState.Done).Select(s => s.Slide).ToList();
        var measured = QualityTable.Measurements(slides, cohort.Plan.Output, missing ?? ((_, _) => { }));
        var suggestions = measured.Count == 0 ? [] : CohortQuality.Judge(measured).ToDictionary(j => j.Slide.Name, StringComparer.Ordinal);
        var notes = cohort.Ledger.Notes(Kind).GroupBy(n => n.Item, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Last(), StringComparer.Ordinal);
        return [.. slides.Select(slide => One(slide, suggestions.GetValueOrDefault(slide.Name), notes.GetValueOrDefault(slide.Name)))];
    }

    /// <summary>Notes a person's verdict.</summary>
    /// <param name="cohort">The cohort.</param>
    /// <param name="slide">The slide's name.</param>
    /// <param name="verdict">The verdict.</param>
    /// <param name="who">Who gives it.</param>
    /// <param name="reasons">Why, in words; may be empty.</param>
    /// <exception cref="UsageException">There is no such slide, or nobody is named.</exception>
    public static void Decide(Cohort cohort, string slide, SlideVerdict verdict, string who, IReadOnlyList<string> reasons)
    {
        if (string.IsNullOrWhiteSpace(who) || who == QualityTable.Automatic)
            throw new UsageException("A verdict needs the name of who gives it.");
        var body = new JsonObject { ["verdict"] = QualityWords.Of(verdict), ["reasons"] = new JsonArray([.. reasons.Select(r => JsonValue.Create(r))]) };
        cohort.Ledger.AddNote(slide, Kind, who.Trim(), body.ToJsonString(CohortPlan.Json));
    }

    /// <summary>All verdicts that people gave on a slide, oldest first.</summary>
    public static IReadOnlyList<LedgerNote> History(Cohort cohort, string slide) => cohort.Ledger.Notes(Kind, slide);

    private static SlideReview One(CohortSlide slide, SlideJudgement? suggestion, LedgerNote? note)
    {
        if (note is null)
            return new SlideReview(slide, suggestion?.Verdict, QualityTable.Automatic, null, [.. suggestion?.Findings.Select(f => f.Text) ?? []], suggestion);
        using var body = JsonDocument.Parse(note.Body);
        return new SlideReview(
            slide,
            QualityWords.Verdict(body.RootElement.GetProperty("verdict").GetString()!),
            note.Who,
            note.At,
            [.. body.RootElement.GetProperty("reasons").EnumerateArray().Select(r => r.GetString()!)],
            suggestion);
    }
}
