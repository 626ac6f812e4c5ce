using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microtome.Learning.Training;

namespace Microtome.Server;

/// <summary>Training runs: how far they are, their curves.</summary>
internal static class TrainingApi
{
    public static void MapTraining(this IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/api/training").WithTags("training");
        api.MapGet(string.Empty, List).WithSummary("The training runs in the folders, with their newest numbers. /api/events tells when any changes ({type: training}).");
        api.MapGet("/{id}", Detail).WithSummary("One run: its settings and the names of its series.");
        api.MapGet("/{id}/metrics", Metrics).WithSummary("The curves of a run, at most some 2,000 points each (the extremes of equal stretches); with ?from= the place of the answer before only what changed.");
        api.MapGet("/{id}/metrics.csv", Table).WithSummary("Every line of a run's metrics as a table.");
    }

    private static Ok<TrainingList> List(TrainingRuns runs, ResultCatalog catalog, HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new TrainingList(runs.All(Row), catalog.All.Count));
    }

    private static Ok<TrainingDetail> Detail(string id, TrainingRuns runs, HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(runs.Read(id, static r => new TrainingDetail(Row(r), [.. r.Settings.Values.Select(static v => new TrainingSetting(v.Key, v.Value))], [.. r.Log.Names])));
    }

    private static Ok<TrainingMetricsAnswer> Metrics(string id, TrainingRuns runs, HttpContext context, string? from = null)
    {
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(runs.Read(id, r =>
        {
            var (begin, series) = r.Log.Since(from);
            return new TrainingMetricsAnswer(r.Log.Place, begin, r.Log.SkippedBytes, [.. series.Select(static s => new TrainingSeries(s.Name, s.FromStep, [.. s.Points.Select(static p => p.Step)], [.. s.Points.Select(static p => p.Value)]))]);
        }));
    }

    private static PushStreamHttpResult Table(string id, TrainingRuns runs)
    {
        var (path, names) = runs.Read(id, static r => (r.Log.Path, r.Log.Names.ToArray()));
        if (path is null)
            throw RequestException.NotFound("The run has no metrics.jsonl any more.");
        return TypedResults.Stream(stream => WriteTableAsync(path, names, stream), "text/csv; charset=utf-8", id + "-metrics.csv");
    }

    private static async Task WriteTableAsync(string path, string[] names, Stream stream)
    {
        await using var writer = new StreamWriter(stream, new UTF8Encoding(false), 1 << 16, leaveOpen: true);
        await writer.WriteLineAsync("step" + string.Concat(names.Select(static n => "," + CatalogApi.Cell(n))));
        var columns = names.Select(static (n, i) => (n, i)).ToDictionary(static p => p.n, static p => p.i, StringComparer.Ordinal);
        string[] cells = new string[names.Length];
        foreach (var (step, values) in TrainingMetrics.Read(path))
        {
            Array.Fill(cells, "NA");
            foreach (var (name, value) in values)
            {
                if (columns.TryGetValue(name, out int column))
                    cells[column] = value.ToString("R", CultureInfo.InvariantCulture);
            }

            await writer.WriteLineAsync(step.ToString(CultureInfo.InvariantCulture) + string.Concat(cells.Select(static c => "," + c)));
        }
    }

    private static TrainingRow Row(TrainingRun run) => new(run.Id, run.Place.Name, run.Place.Group, run.Settings.Kind, run.State, run.Step, run.Settings.Steps, run.Log.Last("loss"), run.Log.Last("held_out_loss"),
        run.Log.Last("tokens_per_s"), run.SecondsPerStep, run.Remaining, run.Log.Updated);
}

/// <summary>The training runs.</summary>
/// <param name="Runs">Sorted by group and name.</param>
/// <param name="Slides">How many slides there are beside them.</param>
public sealed record TrainingList(IReadOnlyList<TrainingRow> Runs, int Slides);

/// <summary>A training run.</summary>
/// <param name="Id">Its name in addresses.</param>
/// <param name="Name">Its folder's name.</param>
/// <param name="Group">The folder that it lies in.</param>
/// <param name="Kind">text, trial, nuclei, classifier; empty when unknown.</param>
/// <param name="State">running, finished, or stopped: silent for minutes and not at its last step.</param>
/// <param name="Step">Steps done; null before the first line.</param>
/// <param name="Steps">Steps in all, if known.</param>
/// <param name="Loss">The newest training loss.</param>
/// <param name="HeldOutLoss">The newest loss on held-out data.</param>
/// <param name="TokensPerS">Tokens a second at last.</param>
/// <param name="SecondsPerStep">Seconds a step at last, if known.</param>
/// <param name="RemainingS">Seconds until the last step, while it runs and if known.</param>
/// <param name="Updated">When its metrics were written last, UTC.</param>
public sealed record TrainingRow(
    string Id, string Name, string Group, string Kind, string State, long? Step, long? Steps, double? Loss, double? HeldOutLoss, double? TokensPerS, double? SecondsPerStep, double? RemainingS, DateTimeOffset Updated);

/// <summary>A training run with what it is.</summary>
/// <param name="Run">Its newest numbers.</param>
/// <param name="Settings">Its settings, dots between the levels.</param>
/// <param name="Series">Names of its series.</param>
public sealed record TrainingDetail(TrainingRow Run, IReadOnlyList<TrainingSetting> Settings, IReadOnlyList<string> Series);

/// <summary>A setting.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value.</param>
public sealed record TrainingSetting(string Name, string Value);

/// <summary>Curves of a run, or what of them changed.</summary>
/// <param name="Place">To be given back as ?from=.</param>
/// <param name="Begin">Whether everything from before is void: this is all there is.</param>
/// <param name="SkippedBytes">Bytes at the beginning of a very large file that are not shown.</param>
/// <param name="Series">The series that changed.</param>
public sealed record TrainingMetricsAnswer(string Place, bool Begin, long SkippedBytes, IReadOnlyList<TrainingSeries> Series);

/// <summary>A series, or the end of it.</summary>
/// <param name="Name">Its name in metrics.jsonl; elements of lists are counted from 1.</param>
/// <param name="FromStep">What was known from this step on is replaced.</param>
/// <param name="Steps">Ascending.</param>
/// <param name="Values">One for each step.</param>
public sealed record TrainingSeries(string Name, long FromStep, IReadOnlyList<long> Steps, IReadOnlyList<double> Values);
