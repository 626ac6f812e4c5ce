using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Microtome.Imaging;
using Microtome.Learning;
using Microtome.Learning.Models;
using Microtome.Pathology;

namespace Microtome.Cli.Commands;

/// <summary><c>bench classify</c>: patches of a slide per second through a classifier, from the files to the CSV, against the same TorchScript file driven by Python, in turns.</summary>
internal static class BenchClassifyCommand
{
    private const double ToReach = 1.3;

    // A slow network takes seconds for as many.
    private const int FewPatches = 64;
    private static readonly string[] Usual = ["patchnet", "resnet34", "vgg16", "inception_v4nobn"];

    public static Command Create()
    {
        var slide = new Option<string?>("--slide") { Description = "The slide (default: the bundled one).", HelpName = "SLIDE" };
        var architecture = new Option<string>("--architecture") { Description = $"Networks, with commas: {string.Join(", ", ClassifierSample.Architectures)}.", HelpName = "NAME,...", DefaultValueFactory = static _ => string.Join(',', Usual) };
        var patches = new Option<int?>("--patches") { Description = $"Patches of tissue, at most (default: all for patchnet, {FewPatches} for the others).", HelpName = "N" };
        var rounds = new Option<int>("--rounds") { Description = "Turns that each side gets; the best counts.", HelpName = "N", DefaultValueFactory = static _ => 3 };
        var alone = new Option<bool>("--alone") { Description = "Without Python: our side alone." };
        var command = new Command("classify", "Patches per second through classifiers: ours against the loop of WSInfer in Python.") { slide, architecture, patches, rounds, alone };
        command.SetAction((parsed, cancellation) => Task.Run(
            () => Run(
                CommonSettings.From(parsed),
                parsed.GetValue(slide) ?? Installation.PathOf("samples", "cmu-1-small-region.svs"),
                Names(parsed.GetValue(architecture)!),
                parsed.GetValue(patches),
                Math.Max(1, parsed.GetValue(rounds)),
                parsed.GetValue(alone),
                cancellation),
            cancellation));
        return command;
    }

    private static string[] Names(string text)
    {
        var names = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (names.Length == 0 || names.FirstOrDefault(static name => !ClassifierSample.Architectures.Contains(name, StringComparer.Ordinal)) is { })
            throw new UsageException($"--architecture '{text}': names with commas between them are expected, of {string.Join(", ", ClassifierSample.Architectures)}.");
        return names;
    }

    private static int Run(CommonSettings settings, string slide, string[] architectures, int? patches, int rounds, bool alone, CancellationToken cancellation)
    {
        if (patches is < 1)
            throw new UsageException($"--patches {patches}: at least 1.");
        if (settings.Device != "cpu")
            throw new UsageException("bench classify measures processors: leave --device out.");
        var (maker, peer) = alone ? (null, null) : Peers();
        var rows = new List<BenchRow>();
        foreach (var architecture in architectures)
        {
            var folder = Directory.CreateTempSubdirectory("microtome-bench-").FullName;
            try
            {
                var grid = Patches(slide, ClassifierSample.TaskOf(architecture).Config(architecture), patches ?? (architecture == "patchnet" ? int.MaxValue : FewPatches), settings.Threads, cancellation);
                var table = Path.Combine(folder, "patches.csv");
                PatchFiles.WriteCsv(table, [], grid.Patches, ReadOnlyMemory<float>.Empty);
                var sample = ClassifierSample.Make(architecture, folder, (int)settings.Seed, maker, slide, table);
                rows.AddRange(Race(architecture, sample, slide, folder, grid, table, settings.Threads, rounds, peer, cancellation));
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        BenchRow.Print(rows, settings);
        return ExitCode.Done;
    }

    private static (PeerProgram? Maker, PeerProgram? Peer) Peers()
    {
        var maker = PeerProgram.Python("make_torchscript.py", "torch, numpy", out var reason);
        var peer = maker is null ? null : PeerProgram.Python("classify_wsinfer.py", "torch, openslide, PIL, numpy", out reason);
        if (peer is not null)
            return (maker, peer);
        Answer.Log($"No comparison with Python ({reason.Split('\n')[^1]}). It needs python3-torch, python3-openslide and python3-pil.");
        return (maker, null);
    }

    private static IEnumerable<BenchRow> Race(string architecture, ClassifierSample sample, string slide, string folder, PatchGrid grid, string table, int threads, int rounds, PeerProgram? peer, CancellationToken cancellation)
    {
        var task = ClassifierSample.TaskOf(architecture);
        Best script = new(), ours = new(), theirs = new();
        // Ours is a model that was imported: the batch is noted then. The first opening finds it.
        string? imported = null;
        double firstOpening = 0;
        if (sample.ScriptFolder is { } zoo)
        {
            var clock = Stopwatch.StartNew();
            PatchMapModel.Open(zoo, task, "cpu", threads).CreateNetwork().Dispose();
            firstOpening = clock.Elapsed.TotalSeconds;
            imported = new PatchModelImport { Name = "bench-" + architecture }.Run(zoo, Path.Combine(folder, "models")).Folder.Location;
        }

        double difference = 0;
        string version = string.Empty;
        int[] workers = [0, 2];
        for (var round = 0; round < rounds; round++)
        {
            if (sample.ScriptFolder is { } scriptFolder)
            {
                script.Add(ClassifierTurn.Ours(slide, imported!, task, grid, threads, Path.Combine(folder, "script.csv"), cancellation));
                if (peer is not null)
                {
                    var turns = Array.ConvertAll(workers, count => ClassifierTurn.Python(peer, slide, scriptFolder, table, threads, count, Path.Combine(folder, "python.csv"), out version));
                    theirs.Add(turns);
                    // The slower way of reading is tried once.
                    if (workers.Length == 2)
                        workers = [turns[0].Classifying <= turns[1].Classifying ? 0 : 2];
                }
            }

            ours.Add(ClassifierTurn.Ours(slide, sample.Folder, task, grid, threads, Path.Combine(folder, "ours.csv"), cancellation));
            cancellation.ThrowIfCancellationRequested();
        }

        if (theirs.Any)
            difference = Math.Max(script.Difference(theirs), ours.Difference(theirs));
        var count = grid.Patches.Count;
        Answer.Log(string.Create(CultureInfo.InvariantCulture, $"{architecture}: {count} patches, {threads} threads; {(theirs.Any ? $"PyTorch {version} was faster with {workers[0]} processes that read" : "no peer")}; probabilities {ours.Range}"));
        var name = "classify_" + architecture;
        var peerName = theirs.Any ? $"Python, PyTorch {version}, WSInfer's loop" : null;
        if (script.Any)
            yield return Row(name + "_torchscript", count / script.Classifying, count / theirs.Classifying);
        yield return Row(name, count / ours.Classifying, count / theirs.Classifying);
        if (script.Any)
            yield return Row(name + "_torchscript_cpu", count / script.Cpu, count / theirs.Cpu) with { Unit = "patches/cpu_s", Limit = null, LimitValue = null };
        yield return Row(name + "_cpu", count / ours.Cpu, count / theirs.Cpu) with { Unit = "patches/cpu_s", Limit = null, LimitValue = null };
        if (script.Any)
            yield return Row(name + "_torchscript_with_opening", count / script.Total, count / theirs.Total) with { Limit = null, LimitValue = null };
        yield return new BenchRow(name + "_opening", script.Any ? script.Load : ours.Load, "s") { LowerIsBetter = true, Peer = peerName, PeerValue = theirs.Any ? theirs.Load : null };
        if (script.Any)
            yield return new BenchRow(name + "_first_opening", firstOpening, "s") { LowerIsBetter = true };
        if (theirs.Any)
            yield return new BenchRow(name + "_difference", difference, "probability") { LowerIsBetter = true, Limit = "at most", LimitValue = 1e-3 };

        BenchRow Row(string title, double value, double other) => theirs.Any
            ? new BenchRow(title, value, "patches/s") { Peer = peerName, PeerValue = other, Limit = "ratio to reach", LimitValue = ToReach }
            : new BenchRow(title, value, "patches/s");
    }

    private static PatchGrid Patches(string path, PatchModelConfig config, int most, int threads, CancellationToken cancellation)
    {
        using var slide = Slide.Open(path);
        var size = slide.PixelSize ?? throw new SlideException($"{path} does not say its pixel size, which patches need.");
        int width = config.ReadSide(size.X), height = config.ReadSide(size.Y);
        var mask = TissueMask.Detect(slide, null, threads, cancellation);
        // At the right and lower border we read white and Python's loop black; the race keeps away from there.
        var grid = Over(centre => mask.Contains(centre) && centre.X + (width / 2.0) <= slide.Levels[0].Width && centre.Y + (height / 2.0) <= slide.Levels[0].Height);
        if (grid.Patches.Count > most)
        {
            // Whole blocks come first, as on a larger slide.
            var kept = grid.Blocks.SelectMany(static block => block.Patches).Take(most).Select(i => (grid.Patches[i].X + (width / 2.0), grid.Patches[i].Y + (height / 2.0))).ToHashSet();
            grid = Over(centre => kept.Contains((centre.X, centre.Y)));
        }

        return grid.Patches.Count > 0 ? grid : throw new SlideException($"{path} has no patch of tissue.");

        PatchGrid Over(Func<Level0Point, bool> wanted) => PatchGrid.Over(slide.Levels[0].Width, slide.Levels[0].Height, width, height, wanted);
    }

    /// <summary>The best of several turns.</summary>
    private sealed class Best
    {
        private ClassifierTurn? last;

        public bool Any => last is not null;

        public double Classifying { get; private set; } = double.PositiveInfinity;

        public double Cpu { get; private set; } = double.PositiveInfinity;

        public double Total { get; private set; } = double.PositiveInfinity;

        public double Load { get; private set; } = double.PositiveInfinity;

        public void Add(params ReadOnlySpan<ClassifierTurn> turns)
        {
            foreach (var turn in turns)
            {
                last = turn;
                Classifying = Math.Min(Classifying, turn.Classifying);
                Cpu = Math.Min(Cpu, turn.CpuClassifying);
                Total = Math.Min(Total, turn.Total);
                Load = Math.Min(Load, turn.Load);
            }
        }

        public string Range => string.Create(CultureInfo.InvariantCulture, $"{last!.Probabilities.Min():0.000} to {last.Probabilities.Max():0.000}");

        public double Difference(Best other) => last!.Difference(other.last!);
    }
}
