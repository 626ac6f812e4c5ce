using Microtome.Imaging;
using NetTopologySuite.Algorithm.Locate;
using NetTopologySuite.Geometries;
using NetTopologySuite.Geometries.Prepared;
using NetTopologySuite.Geometries.Utilities;

namespace Microtome.Server;

/// <summary>Nuclei of the slides that were looked at last, up to a number of bytes. Any thread may call.</summary>
public sealed class NucleusStore : IDisposable
{
    private readonly Lock turn = new();
    private readonly Dictionary<string, (NucleusSet Set, long Used)> sets = new(StringComparer.Ordinal);
    private readonly SlidePool pool;
    private readonly long capacity;
    private long clock;

    /// <summary>Makes an empty store.</summary>
    public NucleusStore(ServerOptions options, SlidePool pool) => (capacity, this.pool) = (options.NucleusBytes, pool);

    /// <summary>The nuclei inside an area, by their centroids.</summary>
    /// <param name="entry">The slide.</param>
    /// <param name="area">The area, level-0 pixels.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    /// <returns>Numbers; null when the slide has no nuclei.</returns>
    public async Task<NucleusStatistics?> StatisticsAsync(CatalogEntry entry, Geometry area, CancellationToken cancellation)
    {
        if (Find(entry) is not { } set)
            return null;
        var index = await set.Whole.WaitAsync(cancellation);
        return await Task.Run(() => Count(index, area.IsValid ? area : GeometryFixer.Fix(area), entry.Mpp, cancellation), cancellation);
    }

    /// <summary>Polygons as one area.</summary>
    public static Geometry ToGeometry(IEnumerable<Imaging.Polygon> polygons)
    {
        var factory = GeometryFactory.Default;
        Geometry[] parts = [.. polygons.Select(p => factory.CreatePolygon(Ring(p.Exterior), [.. p.Holes.Select(Ring)]))];
        return parts.Length == 1 ? parts[0] : NetTopologySuite.Operation.Union.UnaryUnionOp.Union([.. parts.Select(p => GeometryFixer.Fix(p))]) ?? factory.CreatePolygon();

        LinearRing Ring(Vertex[] ring) => factory.CreateLinearRing([.. ring.Append(ring[0]).Select(v => new Coordinate(v.X, v.Y))]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (turn)
        {
            foreach (var (set, _) in sets.Values)
                set.Dispose();
            sets.Clear();
        }
    }

    /// <summary>The nuclei of an entry; null when it has none.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    internal NucleusSet? Find(CatalogEntry entry)
    {
        if (entry.File("nuclei.gpkg") is not { } path)
            return null;
        string key = path + '|' + ResultCatalog.Stamp(path);
        lock (turn)
        {
            if (sets.TryGetValue(key, out var held) && !held.Set.Whole.IsFaulted)
            {
                sets[key] = (held.Set, ++clock);
                Sweep(held.Set);
                return held.Set;
            }
        }

        var size = entry.Size;
        if (size.Width <= 0 && entry.SlidePath is not null)
        {
            using var loan = pool.Lend(entry);
            size = (loan.Slide.Levels[0].Width, loan.Slide.Levels[0].Height);
        }

        lock (turn)
        {
            if (sets.TryGetValue(key, out var held) && !held.Set.Whole.IsFaulted)
                return held.Set;
            var set = new NucleusSet(path, key, size);
            sets[key] = (set, ++clock);
            Sweep(set);
            return set;
        }
    }

    // The last one stays whatever its size.
    private void Sweep(NucleusSet current)
    {
        foreach (string failed in sets.Where(s => s.Value.Set.Whole.IsFaulted && s.Value.Set != current).Select(s => s.Key).ToArray())
        {
            sets[failed].Set.Dispose();
            sets.Remove(failed);
        }

        while (sets.Values.Sum(s => s.Set.Bytes) > capacity && sets.Where(s => s.Value.Set != current && s.Value.Set.Whole.IsCompleted).OrderBy(s => s.Value.Used).FirstOrDefault() is { Key: { } key, Value.Set: var set })
        {
            sets.Remove(key);
            set.Dispose();
        }
    }

    private static NucleusStatistics Count(NucleusIndex index, Geometry area, double? mpp, CancellationToken cancellation)
    {
        var found = new List<int>();
        if (!area.IsEmpty && index.Count > 0)
            Collect(index, area, found, cancellation);
        var classes = index.Classes.Select(_ => 0L).ToArray();
        foreach (int i in found)
            classes[index.ClassOf[i]]++;
        double? mm2 = mpp is { } m ? area.Area * m * m / 1e6 : null;
        var measures = new List<NucleusMeasure>();
        for (int k = 0; k < index.Measures.Count; k++)
        {
            float[] all = index.ValuesOf(k);
            float[] values = [.. found.Select(i => all[i]).Where(v => !float.IsNaN(v))];
            if (values.Length > 0)
                measures.Add(new NucleusMeasure(index.Measures[k].Name, Math.Round(values.Average(v => (double)v), 6), MeasureRange.Of(string.Empty, values).P50));
        }

        return new NucleusStatistics
        {
            Count = found.Count,
            AreaMm2 = mm2,
            DensityPerMm2 = mm2 > 0 ? found.Count / mm2 : null,
            Classes = [.. index.Classes.Select((name, i) => new NucleusClassCount(name, classes[i]))],
            Measures = measures,
        };
    }

    // Tiles wholly inside count without looking at their nuclei, tiles outside not at all.
    private static void Collect(NucleusIndex index, Geometry area, List<int> found, CancellationToken cancellation)
    {
        var prepared = PreparedGeometryFactory.Prepare(area);
        var locator = new IndexedPointInAreaLocator(area);
        var bounds = area.EnvelopeInternal;
        Visit(0, 0, 0);

        void Visit(int zoom, long column, long row)
        {
            cancellation.ThrowIfCancellationRequested();
            var (first, end) = index.Range(zoom, column, row)!.Value;
            if (first == end)
                return;
            double side = (double)NucleusIndex.TileSize * (1L << (index.MaxZoom - zoom));
            long last = (1L << zoom) - 1;
            // Tiles at the border also own the nuclei beyond it.
            var box = new Envelope(
                column == 0 ? float.MinValue : column * side, column == last ? float.MaxValue : (column + 1) * side, row == 0 ? float.MinValue : row * side, row == last ? float.MaxValue : (row + 1) * side);
            if (!box.Intersects(bounds))
                return;
            bool inner = column > 0 && row > 0 && column < last && row < last;
            var square = inner ? area.Factory.ToGeometry(box) : null;
            if (square is not null && prepared.ContainsProperly(square))
            {
                found.AddRange(Enumerable.Range(first, end - first));
                return;
            }

            if (square is not null && !prepared.Intersects(square))
                return;
            if (zoom < index.MaxZoom && end - first > 64)
            {
                for (int child = 0; child < 4; child++)
                    Visit(zoom + 1, (2 * column) + (child & 1), (2 * row) + (child >> 1));
                return;
            }

            for (int i = first; i < end; i++)
            {
                if (bounds.Contains(index.X[i], index.Y[i]) && locator.Locate(new Coordinate(index.X[i], index.Y[i])) != Location.Exterior)
                    found.Add(i);
            }
        }
    }
}
