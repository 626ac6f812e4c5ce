using System.Buffers.Binary;
using System.Text;

namespace Microtome.Imaging;

/// <summary>
/// The frame of a tiled TIFF or BigTIFF around tiles that are already encoded: tiles in the order in which they come, one directory a level at the end.
/// (libvips 8.14 writes such files too, but when a write fails half way, for instance on a full disk, it takes the process down.)
/// </summary>
internal sealed class TiffContainer
{
    private const ushort Short = 3;
    private const ushort Long = 4;
    private const ushort Rational = 5;
    private const ushort Long8 = 16;
    private readonly Stream _stream;
    private readonly bool _big;

    /// <summary>Begins the file.</summary>
    public TiffContainer(Stream stream, bool big)
    {
        _stream = stream;
        _big = big;
        Span<byte> header = stackalloc byte[big ? 16 : 8];
        header.Clear();
        header[0] = header[1] = (byte)'I';
        BinaryPrimitives.WriteUInt16LittleEndian(header[2..], (ushort)(big ? 43 : 42));
        if (big)
            header[4] = 8;
        stream.Write(header);
    }

    /// <summary>What all levels share.</summary>
    public required TiffCompression Compression { get; init; }

    /// <summary>Tile side in pixels.</summary>
    public required int Tile { get; init; }

    /// <summary>Chroma is stored at half resolution (JPEG).</summary>
    public bool Subsampled { get; init; }

    /// <summary>Size of the level-0 pixels, written as resolution per centimetre.</summary>
    public PixelSize? PixelSize { get; init; }

    /// <summary>ICC profile.</summary>
    public byte[]? Icc { get; init; }

    /// <summary>ImageDescription of the first level.</summary>
    public required string Description { get; init; }

    /// <summary>Appends a tile.</summary>
    /// <exception cref="IOException">The disk is full, or a classic TIFF has grown too large.</exception>
    public void Append(PyramidLevel level, int index, byte[] tile)
    {
        level.Offsets[index] = _stream.Position;
        level.Lengths[index] = tile.Length;
        _stream.Write(tile);
        if (!_big && _stream.Position > uint.MaxValue)
            throw new IOException("The file has grown past 4 GiB, the end of classic TIFF.");
    }

    /// <summary>Writes the directories and links them.</summary>
    /// <exception cref="IOException">The disk is full.</exception>
    public void Finish(IReadOnlyList<PyramidLevel> levels)
    {
        long link = _big ? 8 : 4;
        for (int i = 0; i < levels.Count; i++)
        {
            if (_stream.Position % 2 == 1)
                _stream.WriteByte(0);
            link = WriteDirectory(levels[i], i, link);
        }
    }

    private long WriteDirectory(PyramidLevel level, int number, long link)
    {
        var entries = new List<(ushort Tag, ushort Type, long Count, byte[] Value)>();
        bool jpeg = Compression == TiffCompression.Jpeg;
        Add(254, Long, [number == 0 ? 0u : 1u]);
        Add(256, Long, [(uint)level.Width]);
        Add(257, Long, [(uint)level.Height]);
        Add(258, Short, [8, 8, 8]);
        Add(259, Short, [Compression switch { TiffCompression.Jpeg => 7u, TiffCompression.Deflate => 8u, _ => 1u }]);
        Add(262, Short, [jpeg ? 6u : 2u]);
        if (number == 0)
        {
            byte[] text = [.. Encoding.UTF8.GetBytes(Description), 0];
            entries.Add((270, 2, text.Length, text));
        }

        Add(277, Short, [3]);
        if (PixelSize is { } size)
        {
            entries.Add((282, Rational, 1, PerCentimetre(size.X * level.Downsample)));
            entries.Add((283, Rational, 1, PerCentimetre(size.Y * level.Downsample)));
        }

        Add(284, Short, [1]);
        if (PixelSize is not null)
            Add(296, Short, [3]);
        if (Compression == TiffCompression.Deflate)
            Add(317, Short, [2]);
        Add(322, Long, [(uint)Tile]);
        Add(323, Long, [(uint)Tile]);
        entries.Add((324, _big ? Long8 : Long, level.Offsets.Length, Words(level.Offsets, _big ? 8 : 4)));
        entries.Add((325, Long, level.Lengths.Length, Words(level.Lengths, 4)));
        if (jpeg)
            Add(530, Short, Subsampled ? [2, 2] : [1, 1]);
        if (Icc is not null)
            entries.Add((34675, 7, Icc.Length, Icc));

        int inline = _big ? 8 : 4;
        long directory = _stream.Position;
        long extra = directory + (_big ? 8 + (20L * entries.Count) + 8 : 2 + (12L * entries.Count) + 4);
        var head = new MemoryStream();
        var tail = new MemoryStream();
        Put(head, entries.Count, _big ? 8 : 2);
        foreach ((ushort tag, ushort type, long count, byte[] value) in entries)
        {
            Put(head, tag, 2);
            Put(head, type, 2);
            Put(head, count, inline);
            if (value.Length <= inline)
            {
                head.Write(value);
                Put(head, 0, inline - value.Length);
            }
            else
            {
                Put(head, extra + tail.Length, inline);
                tail.Write(value);
                if (tail.Length % 2 == 1)
                    tail.WriteByte(0);
            }
        }

        Put(head, 0, inline);
        head.WriteTo(_stream);
        tail.WriteTo(_stream);
        long end = _stream.Position;
        if (!_big && end > uint.MaxValue)
            throw new IOException("The file has grown past 4 GiB, the end of classic TIFF.");
        _stream.Position = link;
        Put(_stream, directory, inline);
        _stream.Position = end;
        return extra - inline;

        void Add(ushort tag, ushort type, uint[] values) => entries.Add((tag, type, values.Length, Words([.. values.Select(v => (long)v)], type == Short ? 2 : 4)));
    }

    private static byte[] Words(long[] values, int bytes)
    {
        var stream = new MemoryStream(values.Length * bytes);
        foreach (long value in values)
            Put(stream, value, bytes);
        return stream.ToArray();
    }

    private static void Put(Stream stream, long value, int bytes)
    {
        Span<byte> word = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(word, value);
        stream.Write(word[..bytes]);
    }

    // Pixels per centimetre = 10,000 / mpp; as 1e9 / (mpp * 1e5) it keeps five decimals of the mpp.
    private static byte[] PerCentimetre(double mpp)
    {
        uint numerator = 1_000_000_000;
        double denominator = mpp * 100_000;
        if (denominator > uint.MaxValue)
            (numerator, denominator) = (10_000, mpp);
        return Words([numerator, (long)Math.Round(denominator)], 4);
    }
}
