using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microtome.Cohorts;
using Microtome.Ledger;

namespace Microtome.Server;

/// <summary>The cohort whose ledger was named at start: how far it is, and people's verdicts on its slides.</summary>
internal static class CohortApi
{
    public static void MapCohort(this IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/api/cohort").WithTags("cohort");
        api.MapGet(string.Empty, Status).WithSummary("How far the cohort is: slides by state, rate, time left, workers, failures. /api/events tells when it changes ({type: cohort, status}).");
        api.MapGet("/review", List).WithSummary("The finished slides with the verdict that counts and what the measurements suggest.");
        api.MapGet("/review/{slide}", History).WithSummary("Every verdict that people gave on a slide, oldest first.");
        api.MapPost("/review/{slide}", Decide).WithSummary("Notes a person's verdict: good, acceptable or bad, with reasons and who. Nothing is overwritten; the latest counts.");
    }

    private static Ok<JsonObject> Status(IServiceProvider services, HttpContext context) => TypedResults.Ok(Require(services, context).Status());

    private static Ok<ReviewList> List(IServiceProvider services, ResultCatalog catalog, HttpContext context)
    {
        var cohort = Require(services, context);
        string output = SafePath.Real(cohort.Output) ?? cohort.Output;
        var places = catalog.All.Where(e => e.Folder is not null && Path.GetDirectoryName(e.Folder) == output).ToDictionary(static e => Path.GetFileName(e.Folder!), static e => e.Id, StringComparer.Ordinal);
        ReviewRow[] rows = [.. cohort.Reviews().Select(r => Row(r, places.GetValueOrDefault(r.Slide.Name)))];
        return TypedResults.Ok(new ReviewList(rows, rows.Length, rows.Count(static r => r.At is not null)));
    }

    private static Ok<VerdictRow[]> History(string slide, IServiceProvider services, HttpContext context) =>
        TypedResults.Ok<VerdictRow[]>([.. Require(services, context).History(slide).Select(Row)]);

    private static Ok<VerdictRow> Decide(string slide, SlideDecision decision, IServiceProvider services, HttpContext context) =>
        TypedResults.Ok(Row(Require(services, context).Decide(slide, decision)));

    private static OpenCohort Require(IServiceProvider services, HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        return services.GetService<OpenCohort>() ?? throw RequestException.NotFound("No ledger is open. Name one at the start: microtome serve cohort.db.");
    }

    private static ReviewRow Row(SlideReview review, string? id) => new(review.Slide.Name, id, review.Slide.Patient, review.Slide.Type, review.Verdict is { } verdict ? QualityWords.Of(verdict) : null,
        review.Reviewer, review.At, review.Reasons, review.Suggestion is { } s
            ? new SuggestionRow(QualityWords.Of(s.Verdict), s.Score, s.Reference, s.ReferenceSlides, [.. s.Findings.Select(static f => new FindingRow(QualityWords.Of(f.Cause), QualityWords.Of(f.Verdict), f.Measure, Finite(f.Value), Finite(f.Expected), Finite(f.Severity), f.Text))])
            : null);

    private static VerdictRow Row(LedgerNote note)
    {
        using var body = JsonDocument.Parse(note.Body);
        return new VerdictRow(body.RootElement.GetProperty("verdict").GetString()!, note.Who, note.At, [.. body.RootElement.GetProperty("reasons").EnumerateArray().Select(static r => r.GetString()!)]);
    }

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}

/// <summary>A person's verdict as it is sent.</summary>
/// <param name="Verdict">good, acceptable or bad.</param>
/// <param name="Reasons">Why, in words; may be empty.</param>
/// <param name="Who">Who gives it.</param>
public sealed record SlideDecision(string? Verdict, IReadOnlyList<string?>? Reasons, string? Who);

/// <summary>A person's verdict as it is kept.</summary>
/// <param name="Verdict">good, acceptable or bad.</param>
/// <param name="Who">Who gave it.</param>
/// <param name="At">When, UTC.</param>
/// <param name="Reasons">Why, in words.</param>
public sealed record VerdictRow(string Verdict, string Who, DateTimeOffset At, IReadOnlyList<string> Reasons);

/// <summary>The slides that can be reviewed.</summary>
/// <param name="Slides">In the order of adding.</param>
/// <param name="Total">How many.</param>
/// <param name="Reviewed">How many a person has given a verdict on.</param>
public sealed record ReviewList(IReadOnlyList<ReviewRow> Slides, int Total, int Reviewed);

/// <summary>A slide that can be reviewed.</summary>
/// <param name="Slide">Its name.</param>
/// <param name="Id">Its name in /api/slides; null where it has no results.</param>
/// <param name="Patient">The patient.</param>
/// <param name="Type">The cancer type; may be empty.</param>
/// <param name="Verdict">The verdict that counts; null when nothing is known.</param>
/// <param name="Reviewer">Who gave it; automatic for a suggestion.</param>
/// <param name="At">When a person gave it, UTC; null for a suggestion.</param>
/// <param name="Reasons">Why, in words.</param>
/// <param name="Suggestion">What the measurements suggest; null without any.</param>
public sealed record ReviewRow(string Slide, string? Id, string Patient, string Type, string? Verdict, string Reviewer, DateTimeOffset? At, IReadOnlyList<string> Reasons, SuggestionRow? Suggestion);

/// <summary>What the measurements of a slide suggest.</summary>
/// <param name="Verdict">good, acceptable or bad.</param>
/// <param name="Score">1 = just bad; larger is worse.</param>
/// <param name="Reference">The slides that it was compared with: a type, all, or empty.</param>
/// <param name="ReferenceSlides">How many those are.</param>
/// <param name="Findings">The reasons, worst first.</param>
public sealed record SuggestionRow(string Verdict, double Score, string Reference, int ReferenceSlides, IReadOnlyList<FindingRow> Findings);

/// <summary>One reason.</summary>
/// <param name="Cause">What is wrong.</param>
/// <param name="Verdict">What it alone makes of the slide.</param>
/// <param name="Measure">The name of the number.</param>
/// <param name="Value">The number of this slide.</param>
/// <param name="Expected">The median of the slides that it was compared with, or the limit.</param>
/// <param name="Severity">1 = just bad; larger is worse.</param>
/// <param name="Text">The reason in words, with numbers.</param>
public sealed record FindingRow(string Cause, string Verdict, string Measure, double? Value, double? Expected, double? Severity, string Text);
