using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microtome.Decoding;
using Microtome.Imaging;

namespace Microtome.Cli.Commands;

/// <summary><c>bench decode</c>: decoding with random weights of Gemma-2 2B's shapes, dense against Spark, next to the machine's bandwidth and peak.</summary>
internal static class BenchDecodeCommand
{
    private static readonly DecoderShape s_shape = new();

    public static Command Create()
    {
        var layers = new Option<int>("--layers") { Description = "Layers of the whole decoders (26 need 11 GB in bf16).", HelpName = "N", DefaultValueFactory = static _ => s_shape.Layers };
        var prompts = new Option<string>("--prompts") { Description = "Lengths of prompts, with commas.", HelpName = "N,...", DefaultValueFactory = static _ => "512" };
        var format = new Option<string>("--format") { Description = "Weights.", HelpName = "bf16|f32|int8", DefaultValueFactory = static _ => "bf16" };
        var rounds = new Option<int>("--rounds") { Description = "Turns that each side gets; the best counts.", HelpName = "N", DefaultValueFactory = static _ => 3 };
        var only = new Option<string>("--only") { Description = "Parts, with commas: layer (one feed-forward layer, right and wrong), token (whole tokens), prefill, top-k.", HelpName = "PART,...", DefaultValueFactory = static _ => "layer,token,prefill,top-k" };
        var peer = new Option<string?>("--peer") { Description = "An installed llama-bench to run as well, as llama-bench=PATH.", HelpName = "NAME=PATH" };
        var peerModel = new Option<string?>("--peer-model") { Description = "The model of the same shapes that the peer runs (GGUF).", HelpName = "FILE" };
        var command = new Command("decode", "Tokens of a language model on the processor: dense against Spark, next to what memory gives.") { layers, prompts, format, rounds, only, peer, peerModel };
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                var settings = CommonSettings.From(parsed);
                var shape = s_shape with { Layers = InRange("--layers", parsed.GetValue(layers), 1, 200) };
                var rows = new List<BenchRow>();
                var parts = Words("--only", parsed.GetValue(only)!, ["layer", "token", "prefill", "top-k"]);
                var lengths = parsed.GetValue(prompts)!.Split(',').Select(static t => int.TryParse(t, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n is > 0 and <= 8000 ? n : throw new UsageException($"--prompts '{t}': a whole number from 1 to 8000 is expected.")).ToArray();
                Run(new Plan(shape, Format(parsed.GetValue(format)!), InRange("--rounds", parsed.GetValue(rounds), 1, 100), lengths, parts, settings.Threads, Peer(parsed.GetValue(peer), parsed.GetValue(peerModel))), rows, cancellation);
                BenchRow.Print(rows, settings);
                return ExitCode.Done;
            },
            cancellation));
        return command;
    }

    /// <summary>The format that a word of the command line names.</summary>
    public static WeightFormat Format(string text) => text switch
    {
        "bf16" => WeightFormat.BFloat16,
        "f32" => WeightFormat.Float32,
        "int8" => WeightFormat.Int8,
        _ => throw new UsageException($"--format '{text}': bf16, f32 or int8 is expected."),
    };

    private static int InRange(string option, int value, int least, int most) => value >= least && value <= most ? value : throw new UsageException($"{option} {value}: it must lie in {least} to {most}.");

    private static string[] Words(string option, string text, string[] known)
    {
        string[] words = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return Array.Find(words, w => !known.Contains(w, StringComparer.Ordinal)) is { } bad ? throw new UsageException($"{option} '{bad}': known are {string.Join(", ", known)}.") : words;
    }

    private static (string Path, string Model)? Peer(string? peer, string? model)
    {
        if (peer is null)
            return null;
        if (!peer.StartsWith("llama-bench=", StringComparison.Ordinal) || !File.Exists(peer["llama-bench=".Length..]))
            throw new UsageException($"--peer '{peer}': llama-bench=PATH of an installed program is expected.");
        return model is not null && File.Exists(model) ? (peer["llama-bench=".Length..], model) : throw new UsageException("--peer needs --peer-model FILE, a GGUF model of the same shapes and format.");
    }

    private static void Run(Plan plan, List<BenchRow> rows, CancellationToken cancellation)
    {
        foreach (var threads in Enumerable.Range(1, plan.Threads).Where(t => t is 1 || t == plan.Threads))
        {
            var name = $"{plan.Name}_{threads}t";
            if (plan.Parts.Contains("layer"))
                Layer(plan, threads, name, rows, cancellation);
            if (!plan.Parts.Contains("token") && !plan.Parts.Contains("prefill"))
                continue;
            using var race = Race(plan);
            if (plan.Parts.Contains("token"))
                Tokens(plan, race, threads, name, rows, cancellation);
            if (plan.Parts.Contains("prefill"))
                Prefill(plan, race, threads, name, rows, cancellation);
        }

        if (plan.Parts.Contains("top-k"))
        {
            var (threshold, sort) = TopKRace.Run(plan.Shape.SparkHidden, plan.Shape.SparkUnits);
            rows.Add(new BenchRow("statistical_top_k", threshold * 1e6, "us") { LowerIsBetter = true, Peer = "sort", PeerValue = sort * 1e6, Limit = "ratio to reach", LimitValue = 5 });
        }
    }

    private static DecodeRace Race(Plan plan)
    {
        var needed = DecodeRace.MemoryOf(plan.Shape, plan.Format) + (1L << 30);
        var free = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        return needed <= free ? new DecodeRace(plan.Shape, plan.Format) : throw new UsageException($"--layers {plan.Shape.Layers}: both decoders take {needed >> 20} MB and this machine has {free >> 20}. Take fewer layers, or --format int8.");
    }

    private static void Layer(Plan plan, int threads, string name, List<BenchRow> rows, CancellationToken cancellation)
    {
        // Several times the last-level cache.
        using var race = new FeedForwardRace(plan.Shape, Math.Min(plan.Shape.Layers, plan.Format == WeightFormat.Int8 ? 16 : 8), plan.Format, threads);
        var times = race.Run(plan.Rounds, arms: true, cancellation);
        var (dense, spark) = race.BytesRead;
        rows.Add(new BenchRow(name + "_read_bandwidth", times.Bandwidth / 1e9, "GB/s"));
        rows.Add(new BenchRow(name + "_ffn_dense", times.Dense * 1e3, "ms") { LowerIsBetter = true, Limit = "at read bandwidth", LimitValue = dense / times.Bandwidth * 1e3 });
        rows.Add(new BenchRow(name + "_ffn_dense_bandwidth", 100 * dense / times.Dense / times.Bandwidth, "%") { Limit = "to reach", LimitValue = 90 });
        rows.Add(new BenchRow(name + "_ffn_spark", times.Spark * 1e3, "ms") { LowerIsBetter = true, Peer = "dense", PeerValue = times.Dense * 1e3, Limit = "ideal ratio", LimitValue = dense / spark });
        rows.Add(new BenchRow(name + "_ffn_spark_bandwidth", 100 * spark / times.Spark / times.Bandwidth, "%"));
        rows.Add(new BenchRow(name + "_ffn_spark_active", 100 * race.Active, "%"));
        rows.Add(new BenchRow(name + "_ffn_spark_masked", times.Masked * 1e3, "ms") { LowerIsBetter = true, Peer = "dense", PeerValue = times.Dense * 1e3 });
        rows.Add(new BenchRow(name + "_ffn_spark_wrong_layout", times.WrongLayout * 1e3, "ms") { LowerIsBetter = true, Peer = "dense", PeerValue = times.Dense * 1e3 });
    }

    private static void Tokens(Plan plan, DecodeRace race, int threads, string name, List<BenchRow> rows, CancellationToken cancellation)
    {
        foreach (var length in plan.Prompts)
        {
            var bandwidth = FeedForwardRace.ReadBandwidthOf(threads, plan.Rounds);
            var t = race.Decode(threads, length, 4, plan.Rounds, search: plan.Format != WeightFormat.Int8, cancellation);
            var title = $"{name}_prompt{length}";
            rows.Add(new BenchRow(title + "_dense", t.Dense * 1e3, "ms/token") { LowerIsBetter = true, Limit = "at read bandwidth", LimitValue = t.DenseBytes / bandwidth * 1e3 });
            rows.Add(new BenchRow(title + "_dense_bandwidth", t.DenseBytes / t.Dense / 1e9, "GB/s") { Limit = "read bandwidth", LimitValue = bandwidth / 1e9 });
            rows.Add(new BenchRow(title + "_spark", t.Spark * 1e3, "ms/token") { LowerIsBetter = true, Peer = "dense", PeerValue = t.Dense * 1e3, Limit = "ideal ratio", LimitValue = (double)t.DenseBytes / t.SparkBytes });
            if (t.Search > 0)
                rows.Add(new BenchRow(title + "_spark_top_search", t.Search * 1e3, "ms/token") { LowerIsBetter = true, Peer = "dense", PeerValue = t.Dense * 1e3, Limit = "ideal ratio", LimitValue = (double)t.DenseBytes / t.SearchBytes });
            if (plan.Peer is { } peer)
                rows.Add(new BenchRow(title + "_dense_peer", t.Dense * 1e3, "ms/token") { LowerIsBetter = true, Peer = "llama-bench", PeerValue = 1e3 / LlamaBench(peer, threads, length) });
        }
    }

    private static void Prefill(Plan plan, DecodeRace race, int threads, string name, List<BenchRow> rows, CancellationToken cancellation)
    {
        var peak = PeakFlops.Measure(threads);
        rows.Add(new BenchRow(name + "_peak", peak / 1e9, "GFLOP/s"));
        foreach (var length in plan.Prompts)
        {
            var (dense, spark) = race.Prefill(threads, length, 512, Math.Min(plan.Rounds, 2), cancellation);
            var title = $"{name}_prefill{length}";
            rows.Add(new BenchRow(title + "_dense", dense * 1e3, "ms/token") { LowerIsBetter = true });
            rows.Add(new BenchRow(title + "_dense_peak", 100 * race.DenseOperations(length) / dense / peak, "%") { Limit = "to reach", LimitValue = 40 });
            rows.Add(new BenchRow(title + "_spark", spark * 1e3, "ms/token") { LowerIsBetter = true, Peer = "dense", PeerValue = dense * 1e3, Limit = "ratio to reach", LimitValue = 1.4 });
        }
    }

    // Tokens a second that the peer says it decodes.
    private static double LlamaBench((string Path, string Model) peer, int threads, int length)
    {
        var start = new ProcessStartInfo(peer.Path) { RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var argument in (string[])["-m", peer.Model, "-t", threads.ToString(CultureInfo.InvariantCulture), "-p", "0", "-n", "16", "-d", length.ToString(CultureInfo.InvariantCulture), "-r", "3", "-o", "json"])
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        try
        {
            if (process.ExitCode != 0)
                throw new InvalidDataException($"{peer.Path} ended with code {process.ExitCode}.");
            using var json = JsonDocument.Parse(output);
            return json.RootElement.EnumerateArray().Max(static r => r.GetProperty("avg_ts").GetDouble());
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new InvalidDataException($"{peer.Path} did not print the JSON of llama-bench: {e.Message}", e);
        }
    }

    private sealed record Plan(DecoderShape Shape, WeightFormat Format, int Rounds, int[] Prompts, string[] Parts, int Threads, (string Path, string Model)? Peer)
    {
        public string Name => "decode_" + Format switch { WeightFormat.BFloat16 => "bf16", WeightFormat.Int8 => "int8", _ => "f32" };
    }
}
