using System.Collections.Concurrent;
using Microtome.Imaging;
using Microtome.Learning;

namespace Microtome.Pathology;

/// <summary>The map of the walk that finds nuclei: extractors are lent to the threads that call.</summary>
public sealed class NucleusTileMap : ITileMap<Nucleus[]>
{
    private readonly ConcurrentBag<NucleusExtractor> _idle = [];
    private readonly Func<NucleusExtractor> _create;

    /// <summary>Makes the map.</summary>
    /// <param name="grid">How the grid lies on level 0.</param>
    /// <param name="micronsPerPixel">Microns per grid pixel.</param>
    /// <param name="options">Post-processing, in grid pixels.</param>
    /// <param name="stains">The stains of the slide, haematoxylin first; those of Ruifrok and Johnston when null.</param>
    public NucleusTileMap(AnalysisGrid grid, double micronsPerPixel, NucleusPostprocessingOptions? options = null, StainVectors? stains = null)
    {
        _create = () => new NucleusExtractor(grid, micronsPerPixel, options, stains);
        _idle.Add(_create());
    }

    /// <inheritdoc/>
    public Nucleus[] Map(WalkTile tile, RgbImage image, ByteMaps maps)
    {
        if (!_idle.TryTake(out var extractor))
            extractor = _create();
        try
        {
            return extractor.Extract(tile.Window, tile.Core, image, maps);
        }
        finally
        {
            _idle.Add(extractor);
        }
    }
}
