using System.Buffers.Binary;

namespace Microtome.Server.Tests;

/// <summary>Reads a vector tile as docs/formats.md has it, and nothing of the server's code.</summary>
internal sealed class ReadTile
{
    public ReadTile(byte[] bytes)
    {
        Assert.Equal("MTNU"u8.ToArray(), bytes[..4]);
        Assert.Equal(1, BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(4)));
        Kind = bytes[6];
        Preliminary = (bytes[7] & 1) == 1;
        int count = (int)U32(8);
        Total = U32(12);
        var (originX, originY, quantum) = (F64(16), F64(24), F64(32));
        (Low, High) = (BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(40)), BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(44)));
        Quantum = quantum;
        int[] at = [.. Enumerable.Range(0, 8).Select(i => (int)U32(48 + (4 * i)))];
        Assert.Equal(bytes.Length, at[7]);
        Assert.All(at, a => Assert.Equal(0, a % 4));
        Objects = new Item[count];
        for (int i = 0; i < count; i++)
        {
            ushort m = U16(at[1] + (2 * i));
            (double X, double Y)[] outline = at[5] == 0 ? [] : [.. Enumerable.Range((int)U32(at[5] + (4 * i)), (int)(U32(at[5] + (4 * i) + 4) - U32(at[5] + (4 * i)))).Select(v => Place(at[6] + (4 * v)))];
            var (x, y) = Place(at[0] + (4 * i));
            Objects[i] = new Item(
                x, y, m == 65535 ? double.NaN : Low + (m / 65534.0 * (High - Low)), bytes[at[2] + i], at[3] == 0 ? 0 : U32(at[3] + (4 * i)), at[4] == 0 ? 1 : U32(at[4] + (4 * i)), outline);
        }

        uint U32(int a) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(a));
        ushort U16(int a) => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(a));
        double F64(int a) => BinaryPrimitives.ReadDoubleLittleEndian(bytes.AsSpan(a));
        (double X, double Y) Place(int a) => (originX + (U16(a) * quantum), originY + (U16(a + 2) * quantum));
    }

    public int Kind { get; }

    public bool Preliminary { get; }

    public uint Total { get; }

    public float Low { get; }

    public float High { get; }

    public double Quantum { get; }

    public Item[] Objects { get; }

    public sealed record Item(double X, double Y, double Measure, byte Class, uint Fid, uint Count, (double X, double Y)[] Outline);
}
