using Microtome.Imaging;
using Microtome.Learning;

namespace Microtome.Pathology;

/// <summary>
/// Maps and picture of a window to the nuclei that its core owns. A nucleus belongs to the tile that holds its anchor, so neighbouring tiles neither lose
/// nor repeat it; what a window's edge cuts has its anchor in the halo and is the neighbour's. Buffers are kept: one object a worker.
/// </summary>
public sealed class NucleusExtractor
{
    private readonly NucleusWatershed _watershed;
    private readonly ObjectMeasurer _measurer = new();
    private readonly AnalysisGrid _grid;
    private readonly double _mpp;
    private readonly double[][] _unmix;
    private Raster<int>? _labels;

    /// <summary>Makes the buffers.</summary>
    /// <param name="grid">How the grid lies on level 0.</param>
    /// <param name="micronsPerPixel">Microns per grid pixel.</param>
    /// <param name="options">Post-processing, in grid pixels.</param>
    /// <param name="stains">The stains of the slide, haematoxylin first; those of Ruifrok and Johnston when null.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public NucleusExtractor(AnalysisGrid grid, double micronsPerPixel, NucleusPostprocessingOptions? options = null, StainVectors? stains = null)
    {
        _watershed = new NucleusWatershed(options);
        _grid = grid;
        _mpp = micronsPerPixel;
        _unmix = (stains ?? StainVectors.HematoxylinEosin).PlanarUnmixing();
    }

    /// <summary>The labels of the latest window, for overlays; written anew by the next call.</summary>
    public Raster<int>? Labels => _labels;

    /// <summary>Finds and measures the nuclei of a tile.</summary>
    /// <param name="window">What the maps and the picture show, grid pixels.</param>
    /// <param name="core">The part whose nuclei are wanted.</param>
    /// <param name="image">The picture, of the window's size.</param>
    /// <param name="maps">The maps, of the window's size, channels as in <see cref="NucleusMaps"/>.</param>
    /// <returns>The nuclei by anchor, row by row.</returns>
    /// <exception cref="ArgumentException">Sizes disagree.</exception>
    public Nucleus[] Extract(GridRect window, GridRect core, RgbImage image, ByteMaps maps)
    {
        if (maps.Width != window.Width || maps.Height != window.Height || image.Width != window.Width || image.Height != window.Height)
        {
            throw new ArgumentException(
                $"The window is {window.Width} x {window.Height} px, the maps {maps.Width} x {maps.Height} px and the picture {image.Width} x {image.Height} px.",
                nameof(window));
        }

        if (_labels is null || _labels.Width != window.Width || _labels.Height != window.Height)
            _labels = new Raster<int>(window.Width, window.Height);
        var nuclei = new List<Nucleus>();
        foreach (var region in _watershed.Segment(maps, _labels))
        {
            var (x, y) = region.Anchor;
            (long X, long Y) anchor = (window.X + x, window.Y + y);
            if (anchor.X < core.X || anchor.Y < core.Y || anchor.X >= core.X + core.Width || anchor.Y >= core.Y + core.Height)
                continue;
            nuclei.Add(Measure(region, anchor, window, image, _labels));
        }


        // Two anchors may coincide (a ring around a nucleus): then the size decides, never the order of the labels.
        nuclei.Sort(static (a, b) => (a.Anchor.Y, a.Anchor.X, a.AreaPixels, a.PerimeterUm).CompareTo((b.Anchor.Y, b.Anchor.X, b.AreaPixels, b.PerimeterUm)));
        return [.. nuclei];
    }

    private Nucleus Measure(in NucleusRegion region, (long X, long Y) anchor, GridRect window, RgbImage image, Raster<int> labels)
    {
        var box = new PixelBox(region.Left, region.Top, region.Right - region.Left, region.Bottom - region.Top);
        var form = _measurer.Measure(labels, region.Label, box);
        long red = 0, green = 0, blue = 0;
        double densityR = 0, densityG = 0, densityB = 0;
        var density = OpticalDensity.Table;
        for (var y = region.Top; y < region.Bottom; y++)
        {
            var row = labels.Row(y)[region.Left..region.Right];
            var pixels = image.Row(y)[(3 * region.Left)..];
            for (var x = 0; x < row.Length; x++)
            {
                if (row[x] != region.Label)
                    continue;
                var (r, g, b) = (pixels[3 * x], pixels[(3 * x) + 1], pixels[(3 * x) + 2]);
                red += r;
                green += g;
                blue += b;
                densityR += density[r];
                densityG += density[g];
                densityB += density[b];
            }
        }

        double n = region.Area;

        // Amounts are linear in the densities, so the mean may be taken first.
        double Stain(int k) => ((_unmix[k][0] * densityR) + (_unmix[k][1] * densityG) + (_unmix[k][2] * densityB)) / n;
        return new Nucleus
        {
            Anchor = anchor,

            // Whole numbers first: the same value whatever the window.
            Centroid = _grid.ToLevel0(((region.SumX + (region.Area * window.X)) / n) + 0.5, ((region.SumY + (region.Area * window.Y)) / n) + 0.5),
            Polygon = Outline(region, box, window, labels),
            AreaPixels = region.Area,
            AreaUm2 = region.Area * _mpp * _mpp,
            PerimeterUm = form.Perimeter * _mpp,
            MajorAxisUm = form.MajorAxis * _mpp,
            MinorAxisUm = form.MinorAxis * _mpp,
            Eccentricity = form.Eccentricity,
            Solidity = form.Solidity,
            Circularity = form.Circularity,
            HaematoxylinMean = Stain(0),
            EosinMean = Stain(1),
            MeanRgb = (red / n, green / n, blue / n),
            Probability = region.Probability,
        };
    }

    private Polygon Outline(in NucleusRegion region, PixelBox box, GridRect window, Raster<int> labels)
    {
        var ring = NucleusOutline.Smooth(PolygonTracer.TraceLargest(labels, region.Label, box)!.Exterior);
        for (var i = 0; i < ring.Length; i++)
        {
            var point = _grid.ToLevel0(ring[i].X + window.X, ring[i].Y + window.Y);
            ring[i] = new Vertex(point.X, point.Y);
        }

        return new Polygon(ring);
    }
}
