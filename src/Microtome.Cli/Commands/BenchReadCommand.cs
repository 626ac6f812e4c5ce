using System.CommandLine;
using System.Globalization;
using Microtome.Imaging;

namespace Microtome.Cli.Commands;

/// <summary><c>bench read</c>: 256-px tiles through our C#, against OpenSlide's C library and openslide-python, per CPU-second, in turns.</summary>
internal static class BenchReadCommand
{
    private const int Tile = 256;

    public static Command Create()
    {
        var slide = new Option<string?>("--slide") { Description = "The slide to read (default: the bundled one).", HelpName = "SLIDE" };
        var rounds = new Option<int>("--rounds") { Description = "Turns that each side gets; the best counts.", HelpName = "N", DefaultValueFactory = static _ => 12 };
        var command = new Command("read", "Tiles of 256 px per CPU-second: ours against OpenSlide's C library and openslide-python.") { slide, rounds };
        command.SetAction(parsed => Run(
            CommonSettings.From(parsed),
            parsed.GetValue(slide) ?? Installation.PathOf("samples", "cmu-1-small-region.svs"),
            Math.Max(1, parsed.GetValue(rounds))));
        return command;
    }

    private static int Run(CommonSettings settings, string path, int rounds)
    {
        var folder = Directory.CreateTempSubdirectory("microtome-bench-").FullName;
        try
        {
            var peers = new List<(string Name, PeerProgram Program)>();
            if (PeerProgram.Compile("read_openslide.c", folder, out var reason) is { } c)
                peers.Add(("OpenSlide C", c));
            else
                Answer.Log($"No comparison with OpenSlide's C library: {reason}");
            if (PeerProgram.Python("read_openslide.py", "openslide", out reason) is { } python)
                peers.Add(("openslide-python", python));
            else
                Answer.Log($"No comparison with openslide-python: {reason}");

            // Many short turns: on a busy machine the best of them is the one that nobody disturbed.
            var image = new RgbImage(Tile, Tile);
            var (tiles, seconds) = Ours(path, image, 2);
            var passes = Math.Clamp((int)Math.Ceiling(1 / Math.Max(seconds, 1e-3)), 1, 200);
            var best = 0.0;
            var theirs = new double[peers.Count];
            var versions = new string[peers.Count];
            for (var round = 0; round < rounds; round++)
            {
                (tiles, seconds) = Ours(path, image, passes);
                best = Math.Max(best, tiles / seconds);
                for (var i = 0; i < peers.Count; i++)
                {
                    var words = peers[i].Program.Run(path, Number(Tile), "0", Number(passes));
                    theirs[i] = Math.Max(theirs[i], double.Parse(words[0], CultureInfo.InvariantCulture) / double.Parse(words[1], CultureInfo.InvariantCulture));
                    versions[i] = words[2];
                }
            }

            var row = new BenchRow("read_256px_tiles", best, "tiles/cpu_s");
            BenchRow[] rows = peers.Count == 0
                ? [row]
                : [.. peers.Select((peer, i) => row with
                {
                    Peer = $"{peer.Name} {versions[i]}",
                    PeerValue = theirs[i],
                    Limit = i == 0 && peer.Name == "OpenSlide C" ? "figure to reach: 0.95 of the C library" : null,
                    LimitValue = i == 0 && peer.Name == "OpenSlide C" ? 0.95 * theirs[i] : null,
                })];
            BenchRow.Print(rows, settings);
            return ExitCode.Done;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // The same walk as the peers: open, every whole tile of level 0 by rows, close. The first pass does not count.
    private static (long Tiles, double CpuSeconds) Ours(string path, RgbImage image, int passes)
    {
        long tiles = 0;
        var start = TimeSpan.Zero;
        for (var pass = -1; pass < passes; pass++)
        {
            if (pass == 0)
            {
                tiles = 0;
                start = Environment.CpuUsage.TotalTime;
            }

            using var slide = Slide.Open(path);
            for (long y = 0; y + Tile <= slide.Levels[0].Height; y += Tile)
            {
                for (long x = 0; x + Tile <= slide.Levels[0].Width; x += Tile)
                {
                    slide.ReadRegion(new LevelRect(0, x, y, Tile, Tile), image);
                    tiles++;
                }
            }
        }

        return (tiles, (Environment.CpuUsage.TotalTime - start).TotalSeconds);
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
