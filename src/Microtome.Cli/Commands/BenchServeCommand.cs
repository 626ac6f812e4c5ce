using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microtome.Imaging;
using Microtome.Pathology;
using Microtome.Server;

namespace Microtome.Cli.Commands;

/// <summary><c>bench serve</c>: the viewer's server under load: tiles against openslide-python's server, stored tiles, a million nuclei, an hour of panning.</summary>
internal static class BenchServeCommand
{
    private const int Side = 40_000;
    private const int PeerQuality = SlideTiles.Quality;

    public static Command Create()
    {
        var slide = new Option<string?>("--slide") { Description = "The slide to show (default: the bundled one).", HelpName = "SLIDE" };
        var clients = new Option<int>("--clients") { Description = "Clients that ask at the same time.", HelpName = "N", DefaultValueFactory = static _ => 8 };
        var rounds = new Option<int>("--rounds") { Description = "Turns that each side gets, each with a fresh server.", HelpName = "N", DefaultValueFactory = static _ => 5 };
        var nuclei = new Option<int>("--nuclei") { Description = "Made-up nuclei; 0 leaves them out.", HelpName = "N", DefaultValueFactory = static _ => 1_000_000 };
        var pan = new Option<int>("--pan") { Description = "Requests of the hour of panning (ten a second); 0 leaves it out.", HelpName = "N", DefaultValueFactory = static _ => 36_000 };
        var keep = new Option<string?>("--keep") { Description = "A folder for the made-up results, kept and used again.", HelpName = "DIR" };
        var alone = new Option<bool>("--alone") { Description = "Leave the Python server out." };
        var command = new Command("serve", "The viewer's server under load: tiles, nuclei, an hour of panning; against openslide-python's.") { slide, clients, rounds, nuclei, pan, keep, alone };
        command.SetAction((parsed, cancellation) => new Run(
            CommonSettings.From(parsed),
            parsed.GetValue(slide) ?? Installation.PathOf("samples", "cmu-1-small-region.svs"),
            Checked(parsed, clients, 1, 256),
            Checked(parsed, rounds, 1, 1000),
            Checked(parsed, nuclei, 0, 20_000_000),
            Checked(parsed, pan, 0, 100_000_000),
            parsed.GetValue(alone)).AllAsync(parsed.GetValue(keep), cancellation));
        return command;
    }

    private static int Checked(ParseResult parsed, Option<int> option, int least, int most) => parsed.GetValue(option) is var value && value >= least && value <= most
        ? value
        : throw new UsageException($"{option.Name} {value}: it must lie in {least} to {most}.");

    private sealed record Run(CommonSettings Settings, string Slide, int Clients, int Rounds, int Nuclei, int Pan, bool Alone)
    {
        private readonly List<BenchRow> rows = [];
        private readonly Random random = new((int)Settings.Seed);

        public async Task<int> AllAsync(string? keep, CancellationToken cancellation)
        {
            string folder = keep is null ? Directory.CreateTempSubdirectory("microtome-bench-").FullName : Directory.CreateDirectory(keep).FullName;
            try
            {
                await TilesAsync(cancellation);
                if (Nuclei > 0 || Pan > 0)
                    MakeResults(folder);
                if (Nuclei > 0)
                    await NucleiAsync(folder, cancellation);
                if (Pan > 0)
                    await PanAsync(folder, cancellation);
                BenchRow.Print(rows, Settings);
                return ExitCode.Done;
            }
            finally
            {
                if (keep is null)
                    Directory.Delete(folder, recursive: true);
            }
        }

        private static HttpClient ClientOf(string url) => new(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = new Uri(url) };

        // Every tile of the pyramid once, in a random order, from a server that has just been started; then again, many times.
        private async Task TilesAsync(CancellationToken cancellation)
        {
            using var slide = Imaging.Slide.Open(Slide);
            string id = Uri.EscapeDataString(slide.Name);
            var ours = new List<RequestLoad>();
            var theirs = new List<RequestLoad>();
            var reason = string.Empty;
            var peer = Alone ? null : PeerProgram.Python("serve_openslide.py", "openslide", out reason);
            if (peer is null && !Alone)
                Answer.Log($"No comparison with openslide-python: {reason}");
            var version = string.Empty;
            RequestLoad? warm = null, stored = null;
            for (int round = 0; round < Rounds; round++)
            {
                DeepZoomPyramid pyramid;
                string[] places;
                using (var server = ServerProcess.Start(Slide))
                {
                    using var client = ClientOf(server.Url);
                    pyramid = await PyramidAsync(client, id, cancellation);
                    places = Places(pyramid);
                    random.Shuffle(places);
                    ours.Add(await RequestLoad.RunAsync(client, [.. places.Select(p => $"/slides/{id}_files/{p}")], Clients, cancellation));
                    string[] many = [.. Enumerable.Range(0, 4000).Select(_ => $"/slides/{id}_files/{places[random.Next(places.Length)]}")];
                    warm = Better(warm, await RequestLoad.RunAsync(client, many, Clients, cancellation));
                    stored = Better(stored, await StoredAsync(client, id, cancellation));
                }

                if (peer is null)
                    continue;
                var (process, words) = peer.Start(Slide, Number(pyramid.TileSize), "0", Number(PeerQuality));
                try
                {
                    version = words[2];
                    using var client = ClientOf($"http://127.0.0.1:{words[1]}");
                    theirs.Add(await RequestLoad.RunAsync(client, [.. places.Select(p => $"/slide_files/{p}")], Clients, cancellation));
                }
                finally
                {
                    process.Kill();
                    process.Dispose();
                }
            }

            var cold = RequestLoad.Sum(ours);
            RequestLoad? other = theirs.Count > 0 ? RequestLoad.Sum(theirs) : null;
            string? name = other is null ? null : $"openslide-python {version} DeepZoomGenerator";
            rows.Add(new BenchRow("serve_tile_p50", cold.P50, "ms") { Peer = name, PeerValue = other?.P50, LowerIsBetter = true, Limit = "figure to reach", LimitValue = 10 });
            rows.Add(new BenchRow("serve_tile_p95", cold.P95, "ms") { Peer = name, PeerValue = other?.P95, LowerIsBetter = true, Limit = "figure to reach", LimitValue = 50 });
            rows.Add(new BenchRow("serve_tiles", cold.PerSecond, "tiles/s") { Peer = name, PeerValue = other?.PerSecond, Limit = "figure to reach: 3 times the peer", LimitValue = 3 * other?.PerSecond });
            rows.Add(new BenchRow("serve_tile_again_p50", warm!.P50, "ms") { LowerIsBetter = true });
            rows.Add(new BenchRow("serve_tile_again_p95", warm.P95, "ms") { LowerIsBetter = true });
            rows.Add(new BenchRow("serve_tiles_again", warm.PerSecond, "tiles/s"));
            if (stored is not null)
                rows.Add(new BenchRow("serve_stored_tiles", stored.PerSecond, "tiles/s") { Limit = "figure to reach", LimitValue = 2000 });
            rows.Add(new BenchRow("serve_tile_errors", cold.Errors.Count + warm.Errors.Count + (stored?.Errors.Count ?? 0), "answers") { Limit = "figure to reach", LimitValue = 0 });
        }

        // Tiles that the file holds: nothing is decoded, nothing is kept.
        private async Task<RequestLoad?> StoredAsync(HttpClient client, string id, CancellationToken cancellation)
        {
            var image = JsonNode.Parse(await client.GetStringAsync($"/api/slides/{id}/image", cancellation))!["levels"]![0]!;
            if (!(bool)image["stored"]!)
                return null;
            int across = (int)((long)image["width"]! / (int)image["tile_width"]!);
            int down = (int)((long)image["height"]! / (int)image["tile_height"]!);
            string[] many = [.. Enumerable.Range(0, 6000).Select(_ => $"/slides/{id}/tiles/0/{random.Next(across)}/{random.Next(down)}")];
            return await RequestLoad.RunAsync(client, many, Clients, cancellation);
        }

        private async Task NucleiAsync(string folder, CancellationToken cancellation)
        {
            string api = $"/api/slides/synthetic-{Side}x{Side}/nuclei";
            double first = double.PositiveInfinity, complete = double.PositiveInfinity;
            RequestLoad? tiles = null;
            for (int round = 0; round < Math.Min(Rounds, 3); round++)
            {
                using var server = ServerProcess.Start(folder);
                using var client = ClientOf(server.Url);
                _ = await client.GetStringAsync("/health", cancellation);
                var clock = Stopwatch.StartNew();
                var overview = JsonNode.Parse(await client.GetStringAsync(api, cancellation))!;
                _ = await client.GetByteArrayAsync(api + "/0/0/0?measure=area_um2", cancellation);
                first = Math.Min(first, clock.Elapsed.TotalMilliseconds);
                while (!(bool)overview["complete"]!)
                {
                    await Task.Delay(20, cancellation);
                    overview = JsonNode.Parse(await client.GetStringAsync(api, cancellation))!;
                }

                complete = Math.Min(complete, clock.Elapsed.TotalSeconds);
                int zooms = (int)overview["max_zoom"]!;
                string[] many = [.. Enumerable.Range(0, 1000).Select(_ => NucleusTile(api, zooms))];
                tiles = Better(tiles, await RequestLoad.RunAsync(client, many, Clients, cancellation));
            }

            rows.Add(new BenchRow("serve_nuclei_first_objects", first, "ms") { LowerIsBetter = true, Limit = "figure to reach", LimitValue = 1000 });
            rows.Add(new BenchRow("serve_nuclei_complete", complete, "s") { LowerIsBetter = true });
            rows.Add(new BenchRow("serve_nuclei_tile_p50", tiles!.P50, "ms") { LowerIsBetter = true });
            rows.Add(new BenchRow("serve_nuclei_tile_p95", tiles.P95, "ms") { LowerIsBetter = true });
            rows.Add(new BenchRow("serve_nuclei_tile_bytes", tiles.Bytes / (double)tiles.Milliseconds.Length, "bytes") { LowerIsBetter = true });
        }

        // Memory is compared between the end of the first third, when caches are full, and the end.
        private async Task PanAsync(string folder, CancellationToken cancellation)
        {
            using var server = ServerProcess.Start(folder, Slide, "--cache", "32");
            using var client = ClientOf(server.Url);
            string id = Uri.EscapeDataString(SlideName.Of(Slide));
            string large = $"synthetic-{Side}x{Side}";
            var (small, big) = (await PyramidAsync(client, id, cancellation), await PyramidAsync(client, large, cancellation));
            string[] places = Places(small);
            int zooms = Nuclei > 0 ? (int)JsonNode.Parse(await client.GetStringAsync($"/api/slides/{large}/nuclei", cancellation))!["max_zoom"]! : 0;
            string[] Turn(int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(100) switch
            {
                < 50 => $"/slides/{id}_files/{places[random.Next(places.Length)]}",
                < 80 => $"/slides/{large}_files/{Place(big)}",
                < 95 when Nuclei > 0 => NucleusTile($"/api/slides/{large}/nuclei", zooms),
                < 98 => $"/api/slides/{large}/maps/{(random.Next(2) == 0 ? "til" : "tumor")}",
                _ => $"/api/slides/{large}",
            })];
            var loads = new List<RequestLoad> { await RequestLoad.RunAsync(client, Turn(Pan / 3), Clients, cancellation) };
            var (memory, handles) = (server.Memory, server.Handles);
            loads.Add(await RequestLoad.RunAsync(client, Turn(Pan / 3), Clients, cancellation));
            loads.Add(await RequestLoad.RunAsync(client, Turn(Pan - (2 * (Pan / 3))), Clients, cancellation));
            var all = RequestLoad.Sum(loads);
            foreach (string error in all.Errors.Take(5))
                Answer.Log(error);
            rows.Add(new BenchRow("serve_pan_p50", all.P50, "ms") { LowerIsBetter = true });
            rows.Add(new BenchRow("serve_pan_p95", all.P95, "ms") { LowerIsBetter = true });
            rows.Add(new BenchRow("serve_pan_requests", all.Milliseconds.Length, "answers"));
            rows.Add(new BenchRow("serve_pan_errors", all.Errors.Count, "answers") { Limit = "figure to reach", LimitValue = 0 });
            rows.Add(new BenchRow("serve_pan_memory", server.Memory / 1e6, "MB") { LowerIsBetter = true });
            rows.Add(new BenchRow("serve_pan_memory_growth", (server.Memory - memory) / 1e6, "MB") { LowerIsBetter = true });
            rows.Add(new BenchRow("serve_pan_handles_growth", server.Handles - handles, "handles") { LowerIsBetter = true });
        }

        private string NucleusTile(string api, int zooms)
        {
            int zoom = random.Next(zooms + 1);
            return $"{api}/{Number(zoom)}/{Number(random.Next(1 << zoom))}/{Number(random.Next(1 << zoom))}?measure=area_um2";
        }

        private string Place(DeepZoomPyramid pyramid)
        {
            int level = random.Next(pyramid.MaxLevel + 1);
            var (width, height) = pyramid.SizeOf(level);
            return $"{Number(level)}/{Number(random.Next((int)((width - 1) / pyramid.TileSize) + 1))}_{Number(random.Next((int)((height - 1) / pyramid.TileSize) + 1))}.jpeg";
        }

        private static RequestLoad? Better(RequestLoad? a, RequestLoad? b) => a is null || b?.PerSecond > a.PerSecond ? b : a;

        private static async Task<DeepZoomPyramid> PyramidAsync(HttpClient client, string id, CancellationToken cancellation)
        {
            var xml = System.Xml.Linq.XDocument.Parse(await client.GetStringAsync($"/slides/{id}.dzi", cancellation)).Root!;
            var size = xml.Elements().First();
            return new DeepZoomPyramid((long)size.Attribute("Width")!, (long)size.Attribute("Height")!, (int)xml.Attribute("TileSize")!);
        }

        private static string[] Places(DeepZoomPyramid pyramid) =>
        [
            .. from level in Enumerable.Range(0, pyramid.MaxLevel + 1)
               let size = pyramid.SizeOf(level)
               from y in Enumerable.Range(0, (int)((size.Height - 1) / pyramid.TileSize) + 1)
               from x in Enumerable.Range(0, (int)((size.Width - 1) / pyramid.TileSize) + 1)
               select $"{Number(level)}/{Number(x)}_{Number(y)}.jpeg",
        ];

        // As analyze writes them, as far as the server looks.
        private void MakeResults(string folder)
        {
            string results = Directory.CreateDirectory(Path.Combine(folder, $"synthetic-{Side}x{Side}")).FullName;
            string nuclei = Path.Combine(results, "nuclei.gpkg");
            if (Nuclei > 0 && !File.Exists(nuclei))
            {
                Answer.Log($"Writing {Nuclei} made-up nuclei ...");
                NucleusGeoPackage.Write(nuclei, new SyntheticNucleusField(Side, Side, Nuclei).Nuclei());
            }

            foreach (string task in (ReadOnlySpan<string>)["til", "tumor"])
            {
                var table = new StringBuilder($"minx,miny,width,height,prob_Other,prob_{(task == "til" ? "Lymphocytes" : "Tumor")}\n");
                for (int y = 0; y < Side; y += 200)
                {
                    for (int x = 0; x < Side; x += 200)
                    {
                        double p = random.Next(1001) / 1000.0;
                        table.Append(CultureInfo.InvariantCulture, $"{x},{y},200,200,{1 - p:0.###},{p:0.###}\n");
                    }
                }

                File.WriteAllText(Path.Combine(results, task + ".csv"), table.ToString());
            }

            File.WriteAllText(Path.Combine(results, "summary.json"), "{}");
            File.WriteAllText(
                Path.Combine(results, ResultFolder.ProvenanceName),
                new JsonObject
                {
                    ["input"] = new JsonObject { ["path"] = $"synthetic:{Side}x{Side}", ["width_px"] = Side, ["height_px"] = Side },
                    ["mpp"] = new JsonObject { ["x"] = 0.25, ["y"] = 0.25 },
                }.ToJsonString());
        }

        private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
    }
}
