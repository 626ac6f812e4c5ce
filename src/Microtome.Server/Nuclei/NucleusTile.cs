using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microtome.Imaging;

namespace Microtome.Server;

/// <summary>
/// A vector tile of nuclei in bytes, little endian: a header of 96 bytes, then columns, each beginning at a multiple of 4 (docs/formats.md). Never larger than <see cref="MostBytes"/>.
/// </summary>
internal static class NucleusTile
{
    /// <summary>The largest tile.</summary>
    public const int MostBytes = 256 << 10;

    /// <summary>From how many nuclei on a tile shows cells instead of nuclei.</summary>
    public const int MostPoints = 20_000;

    /// <summary>Up to how many nuclei a tile shows outlines.</summary>
    public const int MostOutlines = 6_000;

    /// <summary>Zooms that show outlines: the largest and the one before it.</summary>
    public const int OutlineZooms = 2;

    private const int Header = 96;
    private const int CellsAcross = 128;

    /// <summary>Makes a tile.</summary>
    /// <param name="index">The nuclei.</param>
    /// <param name="zoom">Zoom.</param>
    /// <param name="column">Column.</param>
    /// <param name="row">Row.</param>
    /// <param name="measure">Index of the measure; -1 for none.</param>
    /// <param name="preliminary">Whether the index is a sample.</param>
    /// <param name="rings">Gives the outline of a nucleus; asked in the order of the identifiers.</param>
    public static byte[] Make(NucleusIndex index, int zoom, long column, long row, int measure, bool preliminary, Func<uint, Vertex[]> rings)
    {
        var (first, end) = index.Range(zoom, column, row)!.Value;
        var frame = new Frame(zoom, index.MaxZoom, column, row);
        var range = measure < 0 ? new MeasureRange(string.Empty, 0, 0, 0, 1, 1) : index.Measures[measure];
        float[]? values = measure < 0 ? null : index.ValuesOf(measure);
        int count = end - first;
        if (count > MostPoints)
            return Cells(index, first, end, frame, range, values, preliminary);
        if (zoom > index.MaxZoom - OutlineZooms && count <= MostOutlines && !preliminary)
            return Points(index, first, end, frame, range, values, false, Outlines(index, first, end, frame, rings));
        return Points(index, first, end, frame, range, values, preliminary, null);
    }

    private static byte[] Points(NucleusIndex index, int first, int end, Frame frame, MeasureRange range, float[]? values, bool preliminary, (uint[] Starts, ushort[] Vertices)? outlines)
    {
        int count = end - first;
        var layout = new Layout(count, ids: true, counts: false, outlines);
        byte[] tile = layout.Begin(frame, range, outlines is null ? 0 : 1, preliminary, count, count);
        var places = Column<ushort>(tile, layout.Places, 2 * count);
        var measures = Column<ushort>(tile, layout.Measures, count);
        var ids = Column<uint>(tile, layout.Ids, count);
        for (int i = 0; i < count; i++)
        {
            places[2 * i] = frame.X(index.X[first + i]);
            places[(2 * i) + 1] = frame.Y(index.Y[first + i]);
            measures[i] = values is null ? ushort.MaxValue : range.Quantise(values[first + i]);
            ids[i] = index.Ids[first + i];
        }

        index.ClassOf.AsSpan(first, count).CopyTo(tile.AsSpan(layout.Classes));
        if (outlines is { } o)
        {
            o.Starts.CopyTo(Column<uint>(tile, layout.Starts, o.Starts.Length));
            o.Vertices.CopyTo(Column<ushort>(tile, layout.Vertices, o.Vertices.Length));
        }

        return tile;
    }

    private static (uint[] Starts, ushort[] Vertices) Outlines(NucleusIndex index, int first, int end, Frame frame, Func<uint, Vertex[]> rings)
    {
        int count = end - first;
        int[] order = [.. Enumerable.Range(0, count).OrderBy(i => index.Ids[first + i])];
        var all = new Vertex[count][];
        foreach (int i in order)
            all[i] = rings(index.Ids[first + i]);
        int step = 1;
        // Where nuclei are so many or so detailed that the tile would grow too large, vertices are left out evenly.
        while (Header + (20 * count) + (4L * all.Sum(r => (long)Kept(r.Length, step))) + 64 > MostBytes && step < 1 << 16)
            step *= 2;
        uint[] starts = new uint[count + 1];
        var vertices = new List<ushort>(all.Sum(r => 2 * Kept(r.Length, step)));
        for (int i = 0; i < count; i++)
        {
            int kept = Kept(all[i].Length, step);
            for (int k = 0; k < kept; k++)
            {
                var v = all[i][(int)((long)k * all[i].Length / kept)];
                vertices.Add(frame.X(v.X));
                vertices.Add(frame.Y(v.Y));
            }

            starts[i + 1] = (uint)(vertices.Count / 2);
        }

        return (starts, [.. vertices]);
    }

    private static int Kept(int length, int step) => length <= 4 ? length : Math.Max(4, length / step);

    // Too many to show one by one: for each cell of a grid their number, mean place, most frequent class and mean measure.
    private static byte[] Cells(NucleusIndex index, int first, int end, Frame frame, MeasureRange range, float[]? values, bool preliminary)
    {
        const int cells = CellsAcross * CellsAcross;
        int classes = Math.Max(1, index.Classes.Count);
        var counts = new uint[cells];
        var known = new uint[cells];
        var sums = new double[3 * cells];
        var votes = new uint[cells * classes];
        double scale = CellsAcross / frame.Side;
        for (int i = first; i < end; i++)
        {
            int cx = Math.Clamp((int)((index.X[i] - frame.Left) * scale), 0, CellsAcross - 1);
            int cy = Math.Clamp((int)((index.Y[i] - frame.Top) * scale), 0, CellsAcross - 1);
            int cell = (cy * CellsAcross) + cx;
            counts[cell]++;
            sums[3 * cell] += index.X[i] - frame.Left;
            sums[(3 * cell) + 1] += index.Y[i] - frame.Top;
            votes[(cell * classes) + index.ClassOf[i]]++;
            if (values is not null && !float.IsNaN(values[i]))
            {
                known[cell]++;
                sums[(3 * cell) + 2] += values[i];
            }
        }

        int count = counts.Count(c => c > 0);
        var layout = new Layout(count, ids: false, counts: true, null);
        byte[] tile = layout.Begin(frame, range, 2, preliminary, count, end - first);
        var places = Column<ushort>(tile, layout.Places, 2 * count);
        var measures = Column<ushort>(tile, layout.Measures, count);
        var numbers = Column<uint>(tile, layout.Counts, count);
        for (int cell = 0, i = 0; cell < cells; cell++)
        {
            if (counts[cell] == 0)
                continue;
            places[2 * i] = frame.X(frame.Left + (sums[3 * cell] / counts[cell]));
            places[(2 * i) + 1] = frame.Y(frame.Top + (sums[(3 * cell) + 1] / counts[cell]));
            measures[i] = known[cell] == 0 ? ushort.MaxValue : range.Quantise((float)(sums[(3 * cell) + 2] / known[cell]));
            int best = 0;
            for (int c = 1; c < classes; c++)
            {
                if (votes[(cell * classes) + c] > votes[(cell * classes) + best])
                    best = c;
            }

            tile[layout.Classes + i] = (byte)best;
            numbers[i] = counts[cell];
            i++;
        }

        return tile;
    }

    private static Span<T> Column<T>(byte[] tile, int at, int count)
        where T : unmanaged
    {
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("Tiles are little endian.");
        return MemoryMarshal.Cast<byte, T>(tile.AsSpan(at))[..count];
    }

    /// <summary>Where a tile lies. Coordinates are 0 to 65535 over twice its side, so that outlines may stick out by half a side.</summary>
    private readonly struct Frame
    {
        public Frame(int zoom, int maxZoom, long column, long row)
        {
            Side = (double)NucleusIndex.TileSize * (1L << (maxZoom - zoom));
            Left = column * Side;
            Top = row * Side;
        }

        public double Side { get; }

        public double Left { get; }

        public double Top { get; }

        public double OriginX => Left - (Side / 2);

        public double OriginY => Top - (Side / 2);

        public double Quantum => Side / 32768;

        public ushort X(double x) => (ushort)Math.Clamp(Math.Round((x - OriginX) / Quantum), 0, 65535);

        public ushort Y(double y) => (ushort)Math.Clamp(Math.Round((y - OriginY) / Quantum), 0, 65535);
    }

    /// <summary>Where each column begins; 0 for one that is absent.</summary>
    private sealed class Layout
    {
        public Layout(int count, bool ids, bool counts, (uint[] Starts, ushort[] Vertices)? outlines)
        {
            int at = Header;
            Places = Next(4 * count);
            Measures = Next(2 * count);
            Classes = Next(count);
            Ids = ids ? Next(4 * count) : 0;
            Counts = counts ? Next(4 * count) : 0;
            Starts = outlines is { } o ? Next(4 * o.Starts.Length) : 0;
            Vertices = outlines is { } p ? Next(2 * p.Vertices.Length) : 0;
            Length = at;

            int Next(int bytes)
            {
                int start = at;
                at = (at + bytes + 3) & ~3;
                return start;
            }
        }

        public int Places { get; }

        public int Measures { get; }

        public int Classes { get; }

        public int Ids { get; }

        public int Counts { get; }

        public int Starts { get; }

        public int Vertices { get; }

        public int Length { get; }

        public byte[] Begin(Frame frame, MeasureRange range, int kind, bool preliminary, int count, int total)
        {
            byte[] tile = new byte[Length];
            var at = tile.AsSpan();
            "MTNU"u8.CopyTo(at);
            BinaryPrimitives.WriteUInt16LittleEndian(at[4..], 1);
            at[6] = (byte)kind;
            at[7] = (byte)(preliminary ? 1 : 0);
            BinaryPrimitives.WriteUInt32LittleEndian(at[8..], (uint)count);
            BinaryPrimitives.WriteUInt32LittleEndian(at[12..], (uint)total);
            BinaryPrimitives.WriteDoubleLittleEndian(at[16..], frame.OriginX);
            BinaryPrimitives.WriteDoubleLittleEndian(at[24..], frame.OriginY);
            BinaryPrimitives.WriteDoubleLittleEndian(at[32..], frame.Quantum);
            BinaryPrimitives.WriteSingleLittleEndian(at[40..], range.P01);
            BinaryPrimitives.WriteSingleLittleEndian(at[44..], range.UpperEnd);
            int field = 48;
            foreach (int start in (ReadOnlySpan<int>)[Places, Measures, Classes, Ids, Counts, Starts, Vertices, Length])
            {
                BinaryPrimitives.WriteUInt32LittleEndian(at[field..], (uint)start);
                field += 4;
            }

            return tile;
        }
    }
}
