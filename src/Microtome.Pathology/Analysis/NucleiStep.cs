using System.Text.Json;
using System.Text.Json.Nodes;
using Microtome.Imaging;
using Microtome.Learning;

namespace Microtome.Pathology;

/// <summary>
/// Finds the nuclei of the tissue. Tiles go through the walk into a journal, and from there into the GeoPackage; a run that was killed
/// goes on with the tile that follows the journal, so that the file is the same, byte for byte, as that of an undisturbed run.
/// </summary>
internal sealed class NucleiStep(SlideJob job, NucleusModel model, Func<ITileNetwork> open)
{
    public const string Name = "nuclei";
    public const string GeoPackageName = "nuclei.gpkg";
    private const string JournalName = "nuclei.journal";

    public NucleiResult Run(TissueResult tissue)
    {
        var grid = AnalysisGrid.For(job.PixelSize, model.Mpp);
        var source = new SlideGridSource(job.Slide, grid);
        var region = new TissueRegion(tissue.Mask.Mask, tissue.Mask.Grid, grid);
        var options = Options(source, region);
        string key = job.Key(
            "nuclei/1", grid.ScaleX, grid.ScaleY, tissue.OutlineSha256, model.Sha256, model.Precision, model.Flips, JsonSerializer.Serialize(model.Postprocessing), options.TileHalo, options.BlockSize, options.NetworkHalo, options.InterestMargin);

        if (job.Folder.WhyOutdated(Name, key) is { } why)
        {
            job.SayWhy(Name, why);
            Walk(grid, source, region, options, key, tissue.OutlineSha256);
        }

        string path = job.Folder.PathOf(GeoPackageName);
        return new NucleiResult(path, job.Folder[Name]!.Outputs.First(o => o.Name == GeoPackageName).Sha256);
    }

    private void Walk(AnalysisGrid grid, SlideGridSource source, TissueRegion region, WalkOptions options, string key, string outlineSha256)
    {
        long start = job.Clock.GetTimestamp();
        var (mppX, mppY) = grid.MicronsPerPixel(job.PixelSize);
        var map = new TissueNucleusMap(new NucleusTileMap(grid, Math.Sqrt(mppX * mppY), model.Postprocessing), region);
        string journalPath = Path.Combine(job.Folder.WorkFolder, JournalName);
        WalkReport? report = null;
        double opening = 0;
        long count;
        int before;
        double writing;
        using (var journal = TileJournal.Open(journalPath, $"{key}\n{options.TileSize}"))
        {
            before = journal.Count;
            if (before > 0)
                job.Log.Say($"{job.Slide.Name}: {before:N0} tiles were done by an earlier run.");
            var layout = new WalkLayout(source.Width, source.Height, WalkLayout.Snap, options, region, before);
            if (before < layout.Tiles.Count)
            {
                long opened = job.Clock.GetTimestamp();
                var network = open();
                opening = job.Since(opened);
                layout = new WalkLayout(source.Width, source.Height, network.Halo, options, region, before);
                var walk = new TileWalk<Nucleus[]>(layout, options, source, network, map, job.Clock);
                report = job.Log.Watch(
                    $"{job.Slide.Name}: nuclei",
                    progress => walk.Run((_, nuclei) => journal.Append(NucleusCodec.Encode(nuclei)), progress, job.Cancellation));
            }

            long written = job.Clock.GetTimestamp();
            count = NucleusGeoPackage.Write(job.Folder.PathOf(GeoPackageName), journal.Read().SelectMany(NucleusCodec.Decode), job.Cancellation);
            writing = job.Since(written);
        }

        job.Folder.Finish(Name, key, [GeoPackageName], Details(grid, options, report, before, count, outlineSha256, new JsonObject
        {
            ["wait_for_network_s"] = opening,
            ["write_geopackage_s"] = writing,
            ["seconds"] = job.Since(start),
        }));
        File.Delete(journalPath);
    }

    private static JsonObject Details(AnalysisGrid grid, WalkOptions options, WalkReport? report, int before, long count, string outlineSha256, JsonObject times)
    {
        var details = new JsonObject
        {
            ["nuclei_count"] = count,
            ["outline_sha256"] = outlineSha256,
            ["grid_scale_x"] = grid.ScaleX,
            ["grid_scale_y"] = grid.ScaleY,
            ["tile_px"] = options.TileSize,
            ["tile_halo_px"] = options.TileHalo,
            ["network_block_px"] = options.BlockSize,
            ["tiles_of_earlier_runs"] = before,
            ["times"] = times,
        };
        if (report is null)
            return details;
        details["tiles"] = report.Tiles;
        details["network_blocks"] = report.Blocks;
        details["network_px"] = report.NetworkPixels;
        details["blocks_through_disk"] = report.BlocksSpilled;
        details["network_halo_px"] = options.NetworkHalo;
        details["peak_memory_mb"] = PeakMemory();
        details["walk_s"] = Math.Round(report.WallSeconds, 3);
        details["stages"] = SlideJob.Stages(report);
        return details;
    }

    // The high-water mark of this process, which counts libtorch and the readers too.
    private static double PeakMemory()
    {
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        return Math.Round(process.PeakWorkingSet64 / 1e6);
    }

    // Small tissue: small tiles, so that every thread has some. Large tissue: large tiles, whose halo costs less.
    private WalkOptions Options(SlideGridSource source, TissueRegion region)
    {
        var bounds = region.Bounds(new GridRect(0, 0, checked((int)source.Width), checked((int)source.Height)));
        double megapixels = bounds is { } b ? b.Width / 1e6 * b.Height : 0;
        int workers = Math.Clamp(job.Settings.Threads, 1, 8);
        return new WalkOptions
        {
            TileSize = job.Settings.TileSize ?? (megapixels < 64 ? 512 : 1024),
            BlockSize = job.Settings.BlockSize,
            NetworkHalo = job.Settings.NetworkHalo,
            BatchSize = job.Settings.BatchSize,
            Readers = workers,
            Mappers = workers,
            SpillFolder = job.Folder.WorkFolder,
        };
    }
}
