using System.Collections.Concurrent;
using Microtome.Imaging;
using Microtome.Learning;

namespace Microtome.Pathology;

/// <summary>Nuclei with their pixels, for label images.</summary>
internal sealed class LabelledTileMap(AnalysisGrid grid, double micronsPerPixel, NucleusPostprocessingOptions options) : ITileMap<LabelledTile>
{
    private readonly ConcurrentBag<(NucleusExtractor Extractor, NucleusWatershed Watershed)> idle = [];

    public LabelledTile Map(WalkTile tile, RgbImage image, ByteMaps maps)
    {
        if (!idle.TryTake(out var worker))
            worker = (new NucleusExtractor(grid, micronsPerPixel, options), new NucleusWatershed(options));
        var nuclei = worker.Extractor.Extract(tile.Window, tile.Core, image, maps);
        var labels = new Raster<int>(tile.Window.Width, tile.Window.Height);
        var regions = worker.Watershed.Segment(maps, labels).ToLookup(r => (tile.Window.X + r.Anchor.X, tile.Window.Y + r.Anchor.Y));
        var runs = Array.ConvertAll(nuclei, n => (IReadOnlyList<(long, long, long)>)Runs(regions[n.Anchor].First(r => r.Area == n.AreaPixels), labels, tile.Window));
        idle.Add(worker);
        return new LabelledTile(nuclei, runs);
    }

    private static List<(long Y, long From, long To)> Runs(NucleusRegion region, Raster<int> labels, GridRect window)
    {
        var runs = new List<(long, long, long)>();
        for (int y = region.Top; y < region.Bottom; y++)
        {
            var row = labels.Row(y);
            for (int x = region.Left; x < region.Right; x++)
            {
                if (row[x] != region.Label)
                    continue;
                int start = x;
                while (x < region.Right && row[x] == region.Label)
                    x++;
                runs.Add((window.Y + y, window.X + start, window.X + x));
            }
        }

        return runs;
    }
}
