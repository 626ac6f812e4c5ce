using System.Runtime.InteropServices;
using Microtome.Imaging;
using Microtome.Learning;

namespace Microtome.Pathology;

/// <summary>
/// Splits the foreground into nuclei by flooding the smoothed distance map from its summits down. Buffers are kept: use one object a worker
/// and any number of windows. Not safe for several threads at once.
/// </summary>
/// <remarks>
/// Each 4-connected component of the foreground is flooded by itself, which is fast (it lies in the cache) and makes the result of a component depend
/// on its own pixels only, not on the window that it was seen in. Ties are settled by row and column.
/// </remarks>
public sealed class NucleusWatershed
{
    private readonly NucleusPostprocessingOptions _options;
    private readonly ForegroundRuns _runs = new();
    private readonly ComponentFlood _flood;
    private readonly ushort[] _kernel;
    private readonly byte _threshold;
    private ushort[][] _ring = [];
    private byte[] _padded = [];
    private byte[] _mixed = [];
    private ushort[] _landscape = [];
    private readonly List<NucleusRegion> _regions = [];

    /// <summary>Makes the buffers.</summary>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public NucleusWatershed(NucleusPostprocessingOptions? options = null)
    {
        _options = options ?? new NucleusPostprocessingOptions();
        _options.Validate();
        _kernel = FixedPoint.Gaussian(_options.DistanceSigma);
        _threshold = (byte)Math.Min(255, (int)(_options.ForegroundThreshold * 255) + 1);
        _flood = new ComponentFlood(_options, _threshold);
    }

    /// <summary>The options in use.</summary>
    public NucleusPostprocessingOptions Options => _options;

    /// <summary>Finds the nuclei of a window.</summary>
    /// <param name="maps">The network's maps, channels as in <see cref="NucleusMaps"/>.</param>
    /// <param name="labels">Receives the labels 1, 2, ... and 0 for the background; of the maps' size.</param>
    /// <returns>The objects by label; valid until the next call.</returns>
    /// <exception cref="ArgumentException">The label image has another size, or there are fewer than two maps.</exception>
    public IReadOnlyList<NucleusRegion> Segment(ByteMaps maps, Raster<int> labels)
    {
        if (labels.Width != maps.Width || labels.Height != maps.Height)
            throw new ArgumentException($"The maps are {maps.Width} x {maps.Height} px and the label image {labels.Width} x {labels.Height} px.", nameof(labels));
        if (maps.Channels < 2)
            throw new ArgumentException("Nuclei need a foreground and a distance map; there is one map.", nameof(maps));
        _regions.Clear();
        Array.Clear(labels.Samples);
        _runs.Find(maps, _threshold);
        if (_runs.Components.Count == 0)
            return _regions;
        Smooth(maps);
        foreach (ref readonly var component in CollectionsMarshal.AsSpan(_runs.Components))
        {
            // A component that is too small for one object cannot hold several.
            if (component.Holes == 0 && component.Area < _options.MinArea)
                continue;
            _flood.Run(_runs, component, _landscape, maps, labels, _regions);
        }

        return _regions;
    }

    /// <summary>Labels of a window of its own.</summary>
    public Raster<int> Segment(ByteMaps maps)
    {
        var labels = new Raster<int>(maps.Width, maps.Height);
        Segment(maps, labels);
        return labels;
    }

    /// <summary>The landscape, 0..4080 = 16 * (0..255), in the rows that hold foreground.</summary>
    private void Smooth(ByteMaps maps)
    {
        var (width, height) = (maps.Width, maps.Height);
        var radius = _kernel.Length - 1;
        if (_landscape.Length < width * height)
            _landscape = new ushort[width * height];
        if (_ring.Length == 0 || _ring[0].Length != width)
        {
            _ring = new ushort[(2 * radius) + 1][];
            for (var i = 0; i < _ring.Length; i++)
                _ring[i] = new ushort[width];
            _padded = new byte[width + (2 * radius)];
            _mixed = new byte[width];
        }

        var weight = (int)Math.Round(_options.ForegroundWeight * 256);
        var contactWeight = (int)Math.Round(_options.ContactWeight * 256);
        Span<ushort[]> rows = new ushort[_ring.Length][];
        var done = -1; // rows up to here are in the ring
        var next = 0;
        var runs = _runs.Runs;
        for (var y = 0; y < height; y++)
        {
            while (next < runs.Length && runs[next].Y < y)
                next++;
            if (next == runs.Length)
                break;
            if (runs[next].Y != y)
                continue;
            for (var r = Math.Max(done + 1, y - radius); r <= Math.Min(height - 1, y + radius); r++)
            {
                FixedPoint.Mix(
                    maps.Row(NucleusMaps.Distance, r),
                    maps.Row(NucleusMaps.Foreground, r),
                    weight,
                    maps.Channels > NucleusMaps.Contact ? maps.Row(NucleusMaps.Contact, r) : [],
                    contactWeight,
                    _mixed.AsSpan(0, width));
                _mixed.AsSpan(0, width).CopyTo(_padded.AsSpan(radius));
                _padded.AsSpan(0, radius).Fill(_mixed[0]);
                _padded.AsSpan(radius + width, radius).Fill(_mixed[width - 1]);
                FixedPoint.BlurRow(_padded, _kernel, _ring[r % _ring.Length]);
                done = r;
            }

            for (var i = 0; i < rows.Length; i++)
                rows[i] = _ring[Math.Clamp(y + i - radius, 0, height - 1) % _ring.Length];
            FixedPoint.BlurColumns(rows, _kernel, 12, _landscape.AsSpan(y * width, width));
        }
    }
}
