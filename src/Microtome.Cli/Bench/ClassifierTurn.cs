using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Microtome.Imaging;
using Microtome.Learning;
using Microtome.Pathology;

namespace Microtome.Cli;

/// <summary>One run over the patches of a slide: the model is opened, patches are read, classified and written to a CSV. The start of a program is not within.</summary>
/// <param name="Load">Seconds until the model was open, our checks of it included.</param>
/// <param name="Total">Seconds of all.</param>
/// <param name="CpuClassifying">Seconds of processor time from the open model to the CSV.</param>
/// <param name="Probabilities">What the CSV says, by patches and classes.</param>
internal sealed record ClassifierTurn(double Load, double Total, double CpuClassifying, double[] Probabilities)
{
    // WSInfer's default, and that of 'til' and 'tumor'.
    private const string PeerBatch = "32";
    private static readonly int OurBatch = new AnalysisSettings { Output = string.Empty }.PatchBatchSize;

    /// <summary>Seconds from the open model to the CSV.</summary>
    public double Classifying => Total - Load;

    /// <summary>Ours, as 'til' and 'tumor' do it behind the tissue mask.</summary>
    public static ClassifierTurn Ours(string slide, string model, PatchTask task, PatchGrid grid, int threads, string csv, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var map = PatchMapModel.Open(model, task, "cpu", threads);
        using var network = map.CreateNetwork();
        var load = clock.Elapsed.TotalSeconds;
        var cpu = Environment.CpuUsage.TotalTime;
        using var image = Slide.Open(slide);
        var classes = map.Config.ClassNames;
        var probabilities = new float[grid.Patches.Count * classes.Count];
        new PatchWalk(grid, image, network, Math.Clamp(threads, 1, 8), OurBatch).Run(Take, null, cancellation);
        PatchFiles.WriteCsv(csv, classes, grid.Patches, probabilities);
        var total = clock.Elapsed.TotalSeconds;
        return new ClassifierTurn(load, total, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds, Read(csv));

        void Take(PatchBlock block, float[] answers)
        {
            for (var i = 0; i < block.Patches.Count; i++)
                answers.AsSpan(i * classes.Count, classes.Count).CopyTo(probabilities.AsSpan(block.Patches[i] * classes.Count));
        }
    }

    /// <summary>The Python loop.</summary>
    /// <param name="peer">classify_wsinfer.py.</param>
    /// <param name="slide">The slide.</param>
    /// <param name="model">A folder with config.json and torchscript_model.pt.</param>
    /// <param name="patches">A table of patches.</param>
    /// <param name="threads">Threads of the network.</param>
    /// <param name="workers">Processes that read.</param>
    /// <param name="csv">What it writes.</param>
    /// <param name="torch">Receives PyTorch's version.</param>
    public static ClassifierTurn Python(PeerProgram peer, string slide, string model, string patches, int threads, int workers, string csv, out string torch)
    {
        var line = JsonNode.Parse(peer.RunLine(
            slide, Path.Combine(model, "torchscript_model.pt"), Path.Combine(model, "config.json"), patches, Number(threads), PeerBatch, csv, Number(workers)))!;
        torch = (string)line["torch"]!;
        return new ClassifierTurn((double)line["seconds_load"]!, (double)line["seconds_total"]!, (double)line["cpu_total"]! - (double)line["cpu_load"]!, Read(csv));
    }

    /// <summary>The largest difference from another run over the same patches.</summary>
    public double Difference(ClassifierTurn other) => Probabilities.Length != other.Probabilities.Length
        ? throw new InvalidDataException($"One side wrote {Probabilities.Length} probabilities and the other {other.Probabilities.Length}.")
        : Probabilities.Zip(other.Probabilities, static (a, b) => Math.Abs(a - b)).DefaultIfEmpty(0).Max();

    private static double[] Read(string csv) =>
        [.. File.ReadLines(csv).Skip(1).SelectMany(static line => line.Split(',').Skip(4)).Select(static value => double.Parse(value, CultureInfo.InvariantCulture))];

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
