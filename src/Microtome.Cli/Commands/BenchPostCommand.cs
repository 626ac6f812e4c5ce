using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Microtome.Imaging;
using Microtome.Learning;
using Microtome.Pathology;

namespace Microtome.Cli.Commands;

/// <summary><c>bench post</c>: maps to labels and to measured nuclei on one core, against scikit-image on the same maps, and how fast nuclei are written.</summary>
internal static class BenchPostCommand
{
    public static Command Create()
    {
        var side = new Option<int>("--side") { Description = "Side of the synthetic window, pixels.", HelpName = "N", DefaultValueFactory = static _ => 1024 };
        var density = new Option<int>("--density") { Description = "Nuclei per 1000 x 1000 px (700: crowded tissue).", HelpName = "N", DefaultValueFactory = static _ => 700 };
        var count = new Option<int>("--nuclei") { Description = "Nuclei to write.", HelpName = "N", DefaultValueFactory = static _ => 1_000_000 };
        var rounds = new Option<int>("--rounds") { Description = "Turns; the best counts.", HelpName = "N", DefaultValueFactory = static _ => 5 };
        var command = new Command("post", "From a network's maps to measured nuclei on one core, and nuclei to files.") { side, density, count, rounds };
        command.SetAction((parsed, cancellation) => Task.Run(
            () => Run(
                CommonSettings.From(parsed),
                Math.Clamp(parsed.GetValue(side), 64, 8192),
                Math.Clamp(parsed.GetValue(density), 0, 2000),
                Math.Max(0, parsed.GetValue(count)),
                Math.Max(1, parsed.GetValue(rounds)),
                cancellation),
            cancellation));
        return command;
    }

    private static int Run(CommonSettings settings, int side, int density, int count, int rounds, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("microtome-bench-").FullName;
        try
        {
            var truth = new SyntheticNuclei(side, side, (int)((long)side * side * density / 1_000_000), (int)settings.Seed);
            var maps = truth.Maps((int)settings.Seed);
            var picture = truth.Picture((int)settings.Seed);
            var window = new GridRect(0, 0, side, side);
            var watershed = new NucleusWatershed();
            var extractor = new NucleusExtractor(new AnalysisGrid(1, 1), 0.25);
            var labels = new Raster<int>(side, side);
            var nuclei = extractor.Extract(window, window, picture, maps);
            var megapixels = side * (double)side / 1e6;
            var split = megapixels / Best(rounds, () => watershed.Segment(maps, labels), cancellation);
            var whole = megapixels / Best(rounds, () => extractor.Extract(window, window, picture, maps), cancellation);
            Answer.Log($"{side} x {side} px, {truth.Count} nuclei, {nuclei.Length} found, object F1 {NucleusMetrics.Evaluate(truth.Labels, labels).F1:0.000}");

            var rows = new List<BenchRow>();
            var (peer, peerSplit, peerWhole) = Peer(folder, maps, picture, rounds);
            rows.Add(new BenchRow("post_labels", split, "Mpx/s per core") { Peer = peer, PeerValue = peerSplit });
            rows.Add(new BenchRow("post_nuclei", whole, "Mpx/s per core") { Peer = peer, PeerValue = peerWhole, Limit = "figure to reach", LimitValue = 8 });
            if (count > 0 && nuclei.Length > 0)
            {
                Writing(rows, "write_geopackage", count, () => NucleusGeoPackage.Write(Path.Combine(folder, "n.gpkg"), Many(nuclei, count, side), cancellation));
                Writing(rows, "write_geojson", count, () => NucleusGeoJson.Write(Path.Combine(folder, "n.geojson.gz"), Many(nuclei, count, side), "bench", cancellation));
            }

            BenchRow.Print(rows, settings);
            return ExitCode.Done;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Seconds of processor time of the best turn; a turn lasts at least half a second.</summary>
    private static double Best(int rounds, Action work, CancellationToken cancellation)
    {
        work();
        var best = double.PositiveInfinity;
        for (var round = 0; round < rounds; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            var times = 0;
            var clock = Stopwatch.StartNew();
            var before = Process.GetCurrentProcess().TotalProcessorTime;
            while (clock.Elapsed.TotalSeconds < 0.5)
            {
                work();
                times++;
            }

            best = Math.Min(best, (Process.GetCurrentProcess().TotalProcessorTime - before).TotalSeconds / times);
        }

        return best;
    }

    private static void Writing(List<BenchRow> rows, string name, int count, Action write)
    {
        var before = Process.GetCurrentProcess().TotalProcessorTime;
        var clock = Stopwatch.StartNew();
        write();
        var used = (Process.GetCurrentProcess().TotalProcessorTime - before).TotalSeconds;
        Answer.Log($"{name}: {count} nuclei in {clock.Elapsed.TotalSeconds:0.0} s, {used:0.0} s of processor time, peak memory {Process.GetCurrentProcess().PeakWorkingSet64 / 1e6:0} MB");
        rows.Add(new BenchRow(name, count / clock.Elapsed.TotalSeconds, "nuclei/s") { Limit = "figure to reach", LimitValue = 100_000 });
        rows.Add(new BenchRow(name + "_per_core", count / used, "nuclei/cpu_s"));
    }

    /// <summary>The nuclei again and again, side by side over a slide 100 windows wide.</summary>
    private static IEnumerable<Nucleus> Many(Nucleus[] nuclei, int count, int side)
    {
        for (var i = 0; i < count; i++)
        {
            var copy = i / nuclei.Length;
            var (dx, dy) = (copy % 100 * (double)side, copy / 100 * (double)side);
            var n = nuclei[i % nuclei.Length];
            yield return n with { Polygon = n.Polygon.Transform(1, 1, dx, dy), Centroid = new Level0Point(n.Centroid.X + dx, n.Centroid.Y + dy) };
        }
    }

    private static (string? Name, double? Labels, double? Nuclei) Peer(string folder, ByteMaps maps, RgbImage picture, int rounds)
    {
        if (PeerProgram.Python("post_skimage.py", "skimage.segmentation", out var reason) is not { } python)
        {
            Answer.Log($"No comparison with scikit-image: {reason}");
            return (null, null, null);
        }

        var file = Path.Combine(folder, "maps.raw");
        using (var stream = File.Create(file))
        {
            stream.Write(maps.Samples);
            stream.Write(picture.Pixels);
        }

        // Its last line: scikit-image's version, Mpx/s to labels, Mpx/s to measured objects with outlines, objects.
        var words = python.Run(file, Text(maps.Width), Text(maps.Height), Text(Math.Min(rounds, 3)));
        Answer.Log($"scikit-image found {words[3]}");
        return ($"scikit-image {words[0]}", double.Parse(words[1], CultureInfo.InvariantCulture), double.Parse(words[2], CultureInfo.InvariantCulture));

        static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
    }
}
