using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Microtome.Imaging;

namespace Microtome.Cli.Commands;

/// <summary><c>bench analyze</c>: a whole <c>analyze</c> in a process of its own, start and report included: seconds per mm2, where they go, peak memory.</summary>
internal static class BenchAnalyzeCommand
{
    public static Command Create()
    {
        var slide = new Option<string?>("--slide") { Description = "The slide to analyse (default: the bundled one).", HelpName = "SLIDE" };
        var only = new Option<string>("--only") { Description = "As of analyze: tissue, or tissue,nuclei.", HelpName = "WHAT", DefaultValueFactory = static _ => "tissue,nuclei" };
        var sizes = new Option<bool>("--sizes") { Description = "Also analyse synthetic slides of 10,000 and of 60,000 pixels a side with the same area of tissue: memory must not grow." };
        var fields = new Option<DirectoryInfo[]>("--fields") { Description = "Also analyse a slide made of the pictures (*.jpg, 0.25 um per pixel) of these folders, laid side by side: 10 x 10 fields of real tissue.", HelpName = "DIR", AllowMultipleArgumentsPerToken = true };
        var command = new Command("analyze", "Seconds per mm2 of tissue of the whole analysis, where they go, and peak memory.") { slide, only, sizes, fields };
        command.SetAction(parsed => Run(
            CommonSettings.From(parsed),
            parsed.GetValue(slide) ?? Installation.PathOf("samples", "cmu-1-small-region.svs"),
            parsed.GetValue(only)!,
            parsed.GetValue(sizes),
            parsed.GetValue(fields) ?? []));
        return command;
    }

    private static int Run(CommonSettings settings, string slide, string only, bool sizes, DirectoryInfo[] fields)
    {
        var rows = new List<BenchRow>(Measure(slide, only, settings).Rows);
        if (sizes)
        {
            var small = Measure("synthetic:10000x10000?tissue=0.4", only, settings);
            var large = Measure("synthetic:60000x60000?tissue=0.0111", only, settings);
            rows.AddRange(small.Rows.Select(r => r with { Name = r.Name + "_10k" }));
            rows.AddRange(large.Rows.Select(r => r with { Name = r.Name + "_60k" }));
            rows.Add(new BenchRow("memory_60k_over_10k", large.Memory / small.Memory, "ratio") { LowerIsBetter = true, Limit = "figure to reach: within 10 %", LimitValue = 1.1 });
        }

        if (fields.Length > 0)
            rows.AddRange(MeasureFields([.. fields.Select(static f => f.FullName)], only, settings).Select(r => r with { Name = r.Name + "_fields" }));
        BenchRow.Print(rows, settings);
        return ExitCode.Done;
    }

    private static List<BenchRow> MeasureFields(string[] folders, string only, CommonSettings settings)
    {
        var folder = Directory.CreateTempSubdirectory("microtome-bench-").FullName;
        try
        {
            var path = Path.Combine(folder, "fields.tif");
            using (var mosaic = new FieldMosaic(folders, 0.25))
                PyramidWriter.WriteTiff(mosaic, path, new PyramidOptions { Threads = settings.Threads }, CancellationToken.None);
            return Measure(path, only, settings).Rows;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static (List<BenchRow> Rows, double Memory) Measure(string slide, string only, CommonSettings settings)
    {
        var folder = Directory.CreateTempSubdirectory("microtome-bench-").FullName;
        try
        {
            var clock = Stopwatch.StartNew();
            var (memory, cpu) = Analyze(slide, only, folder, settings);
            var wall = clock.Elapsed.TotalSeconds;
            var results = Directory.GetDirectories(folder).Single(static d => File.Exists(Path.Combine(d, "provenance.json")));
            var summary = JsonNode.Parse(File.ReadAllText(Path.Combine(results, "summary.json")))!;
            var steps = JsonNode.Parse(File.ReadAllText(Path.Combine(results, "provenance.json")))!["steps"]!;
            var area = (double)summary["tissue_area_mm2"]!;
            return ([.. Rows(wall, cpu, memory, area, steps["nuclei"]?["details"])], memory);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static IEnumerable<BenchRow> Rows(double wall, double cpu, double memory, double area, JsonNode? nuclei)
    {
        yield return new("analyze_wall", wall / area, "s/mm2") { LowerIsBetter = true, Limit = "figure to reach", LimitValue = 6 };
        yield return new("analyze_cpu", cpu / area, "cpu_s/mm2");
        yield return new("analyze_tissue_area", area, "mm2");
        yield return new("analyze_peak_memory", memory / 1e9, "GB") { LowerIsBetter = true, Limit = "figure to reach", LimitValue = 2 };
        if (nuclei?["stages"]?.AsArray() is not { } stages)
            yield break;
        var slowest = 0.0;
        foreach (var stage in stages)
        {
            var seconds = (double)stage!["busy_s"]! / (int)stage["threads"]!;
            slowest = Math.Max(slowest, seconds);
            yield return new($"stage_{stage["stage"]}", seconds / area, "s/mm2");
            if ((string?)stage["stage"] == "network")
                yield return new("share_outside_network", 1 - (seconds / wall), "fraction of wall time") { LowerIsBetter = true, Limit = "figure to reach", LimitValue = 0.25 };
        }

        yield return new("walk_over_slowest_stage", (double)nuclei["walk_s"]! / slowest, "ratio") { LowerIsBetter = true, Limit = "figure to reach", LimitValue = 1.15 };
        yield return new("analyze_over_slowest_stage", wall / slowest, "ratio") { LowerIsBetter = true };
    }

    private static (double PeakBytes, double CpuSeconds) Analyze(string slide, string only, string output, CommonSettings settings)
    {
        string[] arguments = ["analyze", slide, "--only", only, "-o", output, "--threads", settings.Threads.ToString(CultureInfo.InvariantCulture), "--device", settings.Device];
        using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, arguments) { UseShellExecute = false, RedirectStandardOutput = true })!;
        var ignored = process.StandardOutput.ReadToEndAsync();
        var (peak, cpu) = (0.0, 0.0);
        while (!process.WaitForExit(50))
        {
            try
            {
                process.Refresh();
                peak = Math.Max(peak, process.PeakWorkingSet64);
                cpu = Math.Max(cpu, process.TotalProcessorTime.TotalSeconds);
            }
            catch (InvalidOperationException)
            {
                break;
            }
        }

        process.WaitForExit();
        ignored.Wait();
        if (process.ExitCode != 0)
            throw new SlideException($"analyze ended with code {process.ExitCode}, see above; nothing was measured.");
        return (peak, cpu);
    }
}
