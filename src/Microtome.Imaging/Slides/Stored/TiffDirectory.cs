using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Microtome.Imaging;

/// <summary>
/// One directory of a TIFF or BigTIFF as far as tiles need it. Read from the file without libtiff, so that any thread may fetch a tile with one positioned read and no lock.
/// Everything is checked against the length of the file: a damaged file gives <see cref="InvalidDataException"/>.
/// </summary>
internal sealed class TiffDirectory
{
    private const int MostDirectories = 256;
    private const int MostTiles = 1 << 24;

    private readonly Dictionary<int, Entry> _entries = [];
    private readonly TiffBytes _file;

    private TiffDirectory(TiffBytes file) => _file = file;

    public long Width => Number(256, 0);

    public long Height => Number(257, 0);

    public long TileWidth => Number(322, 0);

    public long TileHeight => Number(323, 0);

    public long Compression => Number(259, 1);

    public long Photometric => Number(262, 0);

    public long SamplesPerPixel => Number(277, 1);

    public long PlanarConfiguration => Number(284, 1);

    public long Orientation => Number(274, 1);

    /// <summary>Bits of the first sample.</summary>
    public long BitsPerSample => Number(258, 1);

    /// <summary>Every directory: the chain of pages, and the sub-images of the first page (OME-TIFF) after it.</summary>
    /// <exception cref="InvalidDataException">Not a TIFF, or damaged.</exception>
    public static List<TiffDirectory> All(SafeFileHandle handle)
    {
        var file = new TiffBytes(handle);
        var seen = new HashSet<long>();
        var all = new List<TiffDirectory>();
        for (long at = file.First; at != 0 && all.Count < MostDirectories && seen.Add(at);)
            all.Add(Read(file, at, out at));
        if (all.Count > 0)
        {
            foreach (long at in all[0].Numbers(330, MostDirectories))
            {
                if (at != 0 && all.Count < MostDirectories && seen.Add(at))
                    all.Add(Read(file, at, out _));
            }
        }

        return all;
    }

    public long[] TileOffsets() => Numbers(324, MostTiles);

    public long[] TileLengths() => Numbers(325, MostTiles);

    /// <summary>Tables that all JPEG tiles of the directory share; empty when there are none.</summary>
    public byte[] JpegTables() => _entries.TryGetValue(347, out var entry) && entry.Count is > 4 and < 1 << 16 ? _file.Bytes(entry.At(_file), (int)entry.Count) : [];

    private static TiffDirectory Read(TiffBytes file, long at, out long next)
    {
        var directory = new TiffDirectory(file);
        int head = file.Big ? 8 : 2;
        long count = file.Word(file.Bytes(at, head), 0, head);
        if (count is <= 0 or > 4096)
            throw new InvalidDataException($"a directory of {count} entries");
        int size = file.Big ? 20 : 12;
        byte[] bytes = file.Bytes(at + head, ((int)count * size) + file.Pointer);
        for (int i = 0; i < count; i++)
        {
            int from = i * size;
            int tag = (int)file.Word(bytes, from, 2);
            directory._entries[tag] = new Entry(at + head + from + (file.Big ? 12 : 8), (int)file.Word(bytes, from + 2, 2), file.Word(bytes, from + 4, file.Pointer));
        }

        next = file.Word(bytes, (int)count * size, file.Pointer);
        return directory;
    }

    private long Number(int tag, long otherwise) => _entries.TryGetValue(tag, out var entry) && entry.Count > 0 && entry.Size > 0 ? _file.Word(_file.Bytes(entry.At(_file), entry.Size), 0, entry.Size) : otherwise;

    private long[] Numbers(int tag, int most)
    {
        if (!_entries.TryGetValue(tag, out var entry) || entry.Size == 0)
            return [];
        if (entry.Count < 0 || entry.Count > most)
            throw new InvalidDataException($"a list of {entry.Count} values");
        byte[] bytes = _file.Bytes(entry.At(_file), checked((int)entry.Count * entry.Size));
        long[] values = new long[entry.Count];
        for (int i = 0; i < values.Length; i++)
            values[i] = _file.Word(bytes, i * entry.Size, entry.Size);
        return values;
    }

    /// <summary>An entry: where its value or the pointer to it lies, its type, how many values.</summary>
    private readonly record struct Entry(long Place, int Type, long Count)
    {
        // Bytes and undefined, short, long, long8 and directories; nothing else matters here.
        public int Size => Type switch { 1 or 2 or 7 => 1, 3 => 2, 4 or 13 => 4, 16 or 18 => 8, _ => 0 };

        public long At(TiffBytes file) => Count <= file.Pointer / Math.Max(1, Size) ? Place : file.Word(file.Bytes(Place, file.Pointer), 0, file.Pointer);
    }

    /// <summary>The file: byte order, width of its pointers, positioned reads.</summary>
    private sealed class TiffBytes
    {
        private readonly SafeFileHandle _handle;
        private readonly long _length;
        private readonly bool _little;

        public TiffBytes(SafeFileHandle handle)
        {
            _handle = handle;
            _length = RandomAccess.GetLength(handle);
            byte[] head = Bytes(0, 16);
            _little = head[0] == 'I';
            int version = (int)Word(head, 2, 2);
            if (!(head.AsSpan().StartsWith("II"u8) || head.AsSpan().StartsWith("MM"u8)) || version is not (42 or 43))
                throw new InvalidDataException("not a TIFF");
            Big = version == 43;
            First = Big ? Word(head, 8, 8) : Word(head, 4, 4);
        }

        public bool Big { get; }

        public int Pointer => Big ? 8 : 4;

        public long First { get; }

        public byte[] Bytes(long at, int count)
        {
            if (at < 0 || at > _length - count)
                throw new InvalidDataException("beyond the end of the file");
            byte[] bytes = new byte[count];
            for (int done = 0; done < count;)
            {
                int read = RandomAccess.Read(_handle, bytes.AsSpan(done), at + done);
                if (read == 0)
                    throw new InvalidDataException("beyond the end of the file");
                done += read;
            }

            return bytes;
        }

        public long Word(byte[] bytes, int at, int size)
        {
            var span = bytes.AsSpan(at, size);
            return (size, _little) switch
            {
                (1, _) => span[0],
                (2, true) => BinaryPrimitives.ReadUInt16LittleEndian(span),
                (2, false) => BinaryPrimitives.ReadUInt16BigEndian(span),
                (4, true) => BinaryPrimitives.ReadUInt32LittleEndian(span),
                (4, false) => BinaryPrimitives.ReadUInt32BigEndian(span),
                (_, true) => BinaryPrimitives.ReadInt64LittleEndian(span),
                _ => BinaryPrimitives.ReadInt64BigEndian(span),
            };
        }
    }
}
