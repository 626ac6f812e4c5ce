using System.Buffers.Binary;

namespace Microtome.Pathology;

/// <summary>
/// Builds the tables of an SQLite R-tree (32-bit floats, two dimensions) from the leaves up instead of by insertion: boxes come in groups that lie near each other, each
/// group is sorted into full leaves (sort-tile-recursive packing, Leutenegger et al. 1997), and the leaves likewise into their parents. The layout of a node is that of the R*Tree module of SQLite:
/// big endian; depth (of the root, else 0) and number of cells in 16 bits each; cells of a 64-bit identifier and four 32-bit floats, rounded outwards.
/// </summary>
internal sealed class RTreeWriter
{
    /// <summary>Cells of a full node, as SQLite makes them with pages of 4 KB and more.</summary>
    public const int MostCells = 51;

    private const int CellBytes = 24;
    private const int NodeBytes = 4 + (CellBytes * MostCells);
    private const int GroupLeaves = 256;
    private readonly Action<long, byte[]> node;
    private readonly Action<long, long> parent;
    private readonly Action<long, long> row;
    private readonly Cell[] group = new Cell[MostCells * GroupLeaves];
    private readonly long[] leafOf = new long[MostCells * GroupLeaves];
    private readonly List<Cell> level = [];
    private int count;
    private long nextNode = 2; // the root is node 1

    /// <summary>Makes a writer.</summary>
    /// <param name="node">Writes a row of <c>_node</c>: number and data.</param>
    /// <param name="parent">Writes a row of <c>_parent</c>: node and its parent.</param>
    /// <param name="row">Writes a row of <c>_rowid</c>: identifier and leaf; identifiers come in rising order.</param>
    public RTreeWriter(Action<long, byte[]> node, Action<long, long> parent, Action<long, long> row)
    {
        this.node = node;
        this.parent = parent;
        this.row = row;
    }

    /// <summary>Adds a box; identifiers are 1, 2, 3, ... without gaps.</summary>
    public void Add(long id, double left, double right, double top, double bottom)
    {
        group[count++] = new Cell(id, Down(left), Up(right), Down(top), Up(bottom));
        if (count == group.Length)
            Leaves();
    }

    /// <summary>Writes what is left, and the nodes above the leaves.</summary>
    public void Complete()
    {
        if (level.Count == 0 && count <= MostCells)
        {
            // Everything fits into the root.
            for (int i = 0; i < count; i++)
                row(group[i].Id, 1);
            Write(1, 0, group.AsSpan(0, count));
            return;
        }

        Leaves();
        int depth = 1;
        while (level.Count > MostCells)
        {
            var children = level.ToArray();
            level.Clear();
            Pack(children, ParentOf);
            depth++;
        }

        foreach (var child in level)
            parent(child.Id, 1);
        Write(1, depth, level.ToArray());

        void ParentOf(ReadOnlySpan<Cell> cells)
        {
            long number = Emit(cells);
            foreach (var cell in cells)
                parent(cell.Id, number);
        }
    }

    private static float Down(double value)
    {
        float rounded = (float)value;
        return rounded > value ? MathF.BitDecrement(rounded) : rounded;
    }

    private static float Up(double value)
    {
        float rounded = (float)value;
        return rounded < value ? MathF.BitIncrement(rounded) : rounded;
    }

    private void Leaves()
    {
        if (count == 0)
            return;
        long first = group[0].Id;
        Pack(group.AsSpan(0, count), cells =>
        {
            long number = Emit(cells);
            foreach (var cell in cells)
                leafOf[cell.Id - first] = number;
        });
        for (int i = 0; i < count; i++)
            row(first + i, leafOf[i]);
        count = 0;
    }

    // Slices along x, in each slice runs along y; ties by identifier, so that the same boxes give the same tree.
    private static void Pack(Span<Cell> cells, Taker take)
    {
        int leaves = (cells.Length + MostCells - 1) / MostCells, slices = (int)Math.Ceiling(Math.Sqrt(leaves)), slice = (leaves + slices - 1) / slices * MostCells;
        cells.Sort(static (a, b) => Compare(a.Left + a.Right, b.Left + b.Right, a.Id, b.Id));
        for (int at = 0; at < cells.Length; at += slice)
        {
            var part = cells.Slice(at, Math.Min(slice, cells.Length - at));
            part.Sort(static (a, b) => Compare(a.Top + a.Bottom, b.Top + b.Bottom, a.Id, b.Id));
            for (int i = 0; i < part.Length; i += MostCells)
                take(part.Slice(i, Math.Min(MostCells, part.Length - i)));
        }
    }

    private static int Compare(float a, float b, long idA, long idB) => a < b ? -1 : a > b ? 1 : idA.CompareTo(idB);

    private long Emit(ReadOnlySpan<Cell> cells)
    {
        long number = nextNode++;
        Write(number, 0, cells);
        var box = cells[0];
        foreach (var cell in cells[1..])
            box = new Cell(number, Math.Min(box.Left, cell.Left), Math.Max(box.Right, cell.Right), Math.Min(box.Top, cell.Top), Math.Max(box.Bottom, cell.Bottom));
        level.Add(box with { Id = number });
        return number;
    }

    private void Write(long number, int depth, ReadOnlySpan<Cell> cells)
    {
        byte[] data = new byte[NodeBytes];
        BinaryPrimitives.WriteInt16BigEndian(data, (short)depth);
        BinaryPrimitives.WriteInt16BigEndian(data.AsSpan(2), (short)cells.Length);
        var at = data.AsSpan(4);
        foreach (var cell in cells)
        {
            BinaryPrimitives.WriteInt64BigEndian(at, cell.Id);
            BinaryPrimitives.WriteSingleBigEndian(at[8..], cell.Left);
            BinaryPrimitives.WriteSingleBigEndian(at[12..], cell.Right);
            BinaryPrimitives.WriteSingleBigEndian(at[16..], cell.Top);
            BinaryPrimitives.WriteSingleBigEndian(at[20..], cell.Bottom);
            at = at[CellBytes..];
        }

        node(number, data);
    }

    private delegate void Taker(ReadOnlySpan<Cell> cells);

    private readonly record struct Cell(long Id, float Left, float Right, float Top, float Bottom);
}
