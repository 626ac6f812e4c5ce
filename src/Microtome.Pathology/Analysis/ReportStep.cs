using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>Writes summary.json and report.html from the files of the other steps. Neither holds clock times: equal results give equal files.</summary>
internal sealed class ReportStep(SlideJob job, NucleusModel? model)
{
    public const string Name = "report";
    public const string SummaryName = "summary.json";
    public const string PageName = "report.html";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public JsonObject Run(TissueResult tissue, NucleiResult? nuclei, IReadOnlyList<PatchResult> patches, TumorTilResult? together)
    {
        string key = job.Key(
            "report/2", ProgramVersion.Short, job.Slide.Name, tissue.OutlineSha256, tissue.Details["found_outline_sha256"], tissue.Edited, nuclei?.Sha256, nuclei is null ? null : model?.Name, job.Settings.Seed, string.Join(' ', patches.Select(p => $"{p.Sha256} {p.Model.Threshold} {p.Model.PositiveClass} {string.Join(' ', p.Model.Warnings)}")));
        string summaryPath = job.Folder.PathOf(SummaryName);
        if (job.Folder.WhyOutdated(Name, key) is { } why)
        {
            job.SayWhy(Name, why);
            long start = job.Clock.GetTimestamp();
            var statistics = nuclei is null ? null : NucleusStatistics.Of(nuclei.GeoPackage, job.Slide, job.PixelSize, job.Cancellation);
            var summary = JsonNode.Parse(SlideSummary.Make(job, tissue, statistics, model, patches, together).ToJsonString())!.AsObject();
            AtomicFile.WriteAllText(summaryPath, summary.ToJsonString(Indented) + "\n");
            var content = new ReportBuilder(job, model).Build(tissue, nuclei, statistics, summary, patches, together);
            AtomicFile.WriteAllText(job.Folder.PathOf(PageName), ReportPage.Render(content));
            job.Folder.Finish(Name, key, [SummaryName, PageName], new JsonObject { ["seconds"] = job.Since(start) });
        }

        return JsonNode.Parse(File.ReadAllText(summaryPath))!.AsObject();
    }
}
