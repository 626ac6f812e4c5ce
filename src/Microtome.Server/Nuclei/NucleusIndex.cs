using Microtome.Pathology;

namespace Microtome.Server;

/// <summary>
/// The nuclei of a slide in memory, sorted by the tile of 512 level-0 pixels that their centroid lies in: what a tile of any zoom shows is one stretch. A nucleus outside the slide
/// belongs to the nearest tile. About 80 bytes a nucleus. Unchanging; any thread may read.
/// </summary>
public sealed class NucleusIndex
{
    /// <summary>Side of a tile at the largest zoom, level-0 pixels.</summary>
    public const int TileSize = 512;

    // Classes beyond these are shown as the last.
    private const int MostClasses = 255;

    private readonly uint[] codes;
    private readonly float[][] values;

    private NucleusIndex(int maxZoom, uint[] codes, NucleusPart part, IReadOnlyList<string> classes, IReadOnlyList<string> measures)
    {
        MaxZoom = maxZoom;
        this.codes = codes;
        (X, Y, ClassOf, Ids) = (part.X, part.Y, part.Class, part.Ids);
        values = part.Values;
        Classes = classes;
        var ranges = new MeasureRange[measures.Count];
        Parallel.For(0, ranges.Length, i => ranges[i] = MeasureRange.Of(measures[i], values[i]));
        Measures = ranges;
    }

    /// <summary>Number of nuclei.</summary>
    public int Count => codes.Length;

    /// <summary>The zoom of the smallest tiles; at zoom 0 one tile covers the slide.</summary>
    public int MaxZoom { get; }

    /// <summary>Class names; the most frequent first.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>Measures and how they are spread.</summary>
    public IReadOnlyList<MeasureRange> Measures { get; }

    /// <summary>Bytes that it holds, about.</summary>
    public long Bytes => (long)Count * (4 + 4 + 4 + 1 + 4 + (4 * values.Length));

    /// <summary>Centroids, level-0 pixels.</summary>
    internal float[] X { get; }

    internal float[] Y { get; }

    /// <summary>Index of the class.</summary>
    internal byte[] ClassOf { get; }

    /// <summary>Identifiers in the file.</summary>
    internal uint[] Ids { get; }

    /// <summary>Reads a file.</summary>
    /// <param name="path">nuclei.gpkg.</param>
    /// <param name="size">The slide's size in level-0 pixels; where it is not known (0) the nuclei decide.</param>
    /// <param name="sample">0 for all nuclei; otherwise about so many, evenly over the file.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static NucleusIndex Read(string path, (long Width, long Height) size, int sample = 0, CancellationToken cancellation = default)
    {
        using var layer = new NucleusLayer(path);
        if (layer.LastId > uint.MaxValue)
            throw new InvalidDataException($"{path}: an identifier (fid) beyond {uint.MaxValue} cannot be shown.");
        (double width, double height) = size is { Width: > 0, Height: > 0 } ? ((double)size.Width, (double)size.Height) : layer.Extent;
        int maxZoom = MortonCode.ZoomFor(width, height, TileSize);
        NucleusPart[] parts;
        if (sample > 0)
        {
            double step = Math.Max(1, layer.LastId / (double)sample);
            int count = (int)Math.Min(sample, layer.LastId);
            // What takes the time is waiting for single pages of the file.
            const int readers = 4;
            parts = new NucleusPart[readers];
            Parallel.For(0, readers, t =>
            {
                using var own = new NucleusLayer(path);
                int from = count * t / readers;
                parts[t] = new NucleusPart(layer.Measures.Count, sample / readers);
                own.Pick(Enumerable.Range(from, (count * (t + 1) / readers) - from).Select(i => 1 + (long)(i * step)), parts[t].Add, cancellation);
            });
        }
        else
        {
            // One core is left to those who look at the slide meanwhile.
            int threads = layer.LastId < 20_000 ? 1 : Math.Clamp(Environment.ProcessorCount - 1, 1, 8);
            parts = new NucleusPart[threads];
            Parallel.For(0, threads, t =>
            {
                using var own = new NucleusLayer(path);
                long from = (layer.LastId * t / threads) + 1;
                long to = layer.LastId * (t + 1) / threads;
                parts[t] = new NucleusPart(layer.Measures.Count, (int)Math.Min(to - from + 1, 1 << 20));
                own.Scan(from, to, parts[t].Add, cancellation);
            });
        }

        return Sorted(parts, maxZoom, layer.Measures);
    }

    /// <summary>The stretch of nuclei that a tile shows: first and end; null when there is no such tile.</summary>
    public (int First, int End)? Range(int zoom, long column, long row)
    {
        if (zoom < 0 || zoom > MaxZoom || column < 0 || row < 0 || column >= 1L << zoom || row >= 1L << zoom)
            return null;
        var (first, end) = MortonCode.Range((uint)column, (uint)row, MaxZoom - zoom);
        return (Before(first), Before(end));
    }

    /// <summary>The values of a measure.</summary>
    internal float[] ValuesOf(int measure) => values[measure];

    // Number of nuclei whose code is smaller.
    private int Before(ulong code)
    {
        int low = 0;
        int high = codes.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (codes[middle] < code)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    private static NucleusIndex Sorted(NucleusPart[] parts, int maxZoom, IReadOnlyList<string> measures)
    {
        var (classes, maps) = Merge(parts);
        int count = parts.Sum(p => p.Count);
        uint[] unsorted = new uint[count];
        int[] order = new int[count];
        var starts = new int[parts.Length];
        int most = (1 << maxZoom) - 1;
        for (int p = 0, at = 0; p < parts.Length; at += parts[p].Count, p++)
        {
            starts[p] = at;
            for (int i = 0; i < parts[p].Count; i++)
            {
                unsorted[at + i] = MortonCode.Of(Tile(parts[p].X[i], most), Tile(parts[p].Y[i], most));
                order[at + i] = at + i;
            }
        }

        // Stable, so that equal files give equal tiles whatever the number of threads.
        Array.Sort(Keys(unsorted), order);
        var sorted = new NucleusPart(measures.Count, count);
        uint[] sortedCodes = new uint[count];
        Parallel.For(0, measures.Count + 1, column =>
        {
            for (int i = 0; i < count; i++)
            {
                int p = parts.Length - 1;
                while (starts[p] > order[i])
                    p--;
                int from = order[i] - starts[p];
                if (column < measures.Count)
                {
                    sorted.Values[column][i] = parts[p].Values[column][from];
                    continue;
                }

                sortedCodes[i] = unsorted[order[i]];
                sorted.X[i] = parts[p].X[from];
                sorted.Y[i] = parts[p].Y[from];
                sorted.Ids[i] = parts[p].Ids[from];
                sorted.Class[i] = maps[p][parts[p].Class[from]];
            }
        });
        return new NucleusIndex(maxZoom, sortedCodes, sorted, classes, measures);
    }

    // Code and place in one number: sorting them is sorting by code, ties by place.
    private static ulong[] Keys(uint[] unsorted)
    {
        ulong[] keys = new ulong[unsorted.Length];
        for (int i = 0; i < keys.Length; i++)
            keys[i] = ((ulong)unsorted[i] << 32) | (uint)i;
        return keys;
    }

    private static uint Tile(float position, int most) => (uint)Math.Clamp((int)Math.Floor(position / (double)TileSize), 0, most);

    private static (IReadOnlyList<string> Classes, byte[][] Maps) Merge(NucleusPart[] parts)
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var part in parts)
        {
            foreach (var (name, count) in part.Classes)
                counts[name] = counts.GetValueOrDefault(name) + count;
        }

        string[] classes = [.. counts.OrderByDescending(c => c.Value).ThenBy(c => c.Key, StringComparer.Ordinal).Select(c => c.Key)];
        if (classes.Length > MostClasses)
            classes = [.. classes[..(MostClasses - 1)], "other"];
        return (classes, [.. parts.Select(p => p.Classes.Select(c => (byte)(Array.IndexOf(classes, c.Name) is >= 0 and var at ? at : classes.Length - 1)).ToArray())]);
    }
}
