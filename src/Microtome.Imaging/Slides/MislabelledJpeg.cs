using System.Buffers.Binary;

namespace Microtome.Imaging;

/// <summary>
/// Some writers (QuPath's OME-TIFF among them) put ordinary JPEG streams, which hold YCbCr, into a TIFF whose photometric tag says RGB. Readers that believe the tag show a green
/// and orange picture. A stream that carries the JFIF marker is YCbCr by JFIF's own rule, and so is one with reduced chroma, for RGB has no chroma to reduce.
/// </summary>
internal static class MislabelledJpeg
{
    private const int Jpeg = 7;
    private const int Rgb = 2;

    /// <summary>Whether the first page of the TIFF holds YCbCr under an RGB tag. Any doubt, damage included, is a no.</summary>
    public static bool Is(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            return new Directory(stream) is { IsRgbJpeg: true } directory && IsYcbcr(directory.FirstData(stream));
        }
        catch (Exception e) when (e is IOException or InvalidDataException or OverflowException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Full-range BT.601, as JFIF has it: R = Y + 1.402 (Cr - 128), G = Y - 0.344136 (Cb - 128) - 0.714136 (Cr - 128), B = Y + 1.772 (Cb - 128); in place.</summary>
    public static void ToRgb(Span<byte> pixels)
    {
        for (int i = 0; i + 2 < pixels.Length; i += 3)
        {
            int y = (pixels[i] << 16) + (1 << 15);
            int cb = pixels[i + 1] - 128;
            int cr = pixels[i + 2] - 128;
            pixels[i] = Clamp(y + (91881 * cr));
            pixels[i + 1] = Clamp(y - (22554 * cb) - (46802 * cr));
            pixels[i + 2] = Clamp(y + (116130 * cb));
        }
    }

    private static byte Clamp(int fixedPoint) => (byte)Math.Clamp(fixedPoint >> 16, 0, 255);

    // Walks the markers up to the frame header.
    private static bool IsYcbcr(ReadOnlySpan<byte> jpeg)
    {
        bool jfif = false;
        for (int i = 2; i + 4 <= jpeg.Length && jpeg[i] == 0xff;)
        {
            int marker = jpeg[i + 1];
            int length = BinaryPrimitives.ReadUInt16BigEndian(jpeg[(i + 2)..]);
            ReadOnlySpan<byte> body = jpeg[(i + 4)..Math.Min(jpeg.Length, i + 2 + Math.Max(2, length))];
            if (marker == 0xe0 && body.StartsWith("JFIF"u8))
                jfif = true;
            if (marker == 0xee && body.StartsWith("Adobe"u8))
                return body.Length > 11 && body[11] == 1;
            if (marker is 0xc0 or 0xc1 or 0xc2)
                return body.Length >= 9 && body[5] == 3 && (jfif || body[7] != 0x11);
            if (marker == 0xda)
                return false;
            i += 2 + length;
        }

        return false;
    }

    /// <summary>The three tags that matter of the first directory, classic or BigTIFF, either byte order.</summary>
    private sealed class Directory
    {
        private readonly bool _little;
        private readonly bool _big;
        private readonly long _data;

        public Directory(FileStream stream)
        {
            byte[] head = Bytes(stream, 0, 16);
            _little = head[0] == 'I';
            int version = Word16(head);
            if (!(head.AsSpan().StartsWith("II"u8) || head.AsSpan().StartsWith("MM"u8)) || version is not (42 or 43))
                return;
            _big = version == 43;
            long at = _big ? Word(head, 8, 8) : Word(head, 4, 4);
            long count = Word(Bytes(stream, at, _big ? 8 : 2), 0, _big ? 8 : 2);
            if (count is <= 0 or > 4096)
                return;
            int size = _big ? 20 : 12;
            byte[] entries = Bytes(stream, at + (_big ? 8 : 2), (int)count * size);
            long compression = 1;
            long photometric = 0;
            for (int i = 0; i < count; i++)
            {
                int entry = i * size;
                int tag = (int)Word(entries, entry, 2);
                if (tag == 259)
                    compression = Value(stream, entries, entry);
                else if (tag == 262)
                    photometric = Value(stream, entries, entry);
                else if (tag is 273 or 324)
                    _data = Value(stream, entries, entry);
            }

            IsRgbJpeg = compression == Jpeg && photometric == Rgb && _data > 0;
        }

        public bool IsRgbJpeg { get; }

        public byte[] FirstData(FileStream stream) => Bytes(stream, _data, (int)Math.Min(4096, stream.Length - _data));

        private static byte[] Bytes(FileStream stream, long at, int count)
        {
            if (at < 0 || count < 0 || at + count > stream.Length)
                throw new InvalidDataException("beyond the end of the file");
            byte[] bytes = new byte[count];
            stream.Position = at;
            stream.ReadExactly(bytes);
            return bytes;
        }

        // The first value of an entry, wherever it is stored.
        private long Value(FileStream stream, byte[] entries, int entry)
        {
            int type = (int)Word(entries, entry + 2, 2);
            int size = type switch { 3 => 2, 4 => 4, 16 => 8, _ => throw new InvalidDataException("not a whole number") };
            long count = Word(entries, entry + 4, _big ? 8 : 4);
            int at = entry + (_big ? 12 : 8);
            if (count < 1)
                throw new InvalidDataException("no value");
            return count * size <= (_big ? 8 : 4)
                ? Word(entries, at, size)
                : Word(Bytes(stream, Word(entries, at, _big ? 8 : 4), size), 0, size);
        }

        private int Word16(byte[] head) => (int)Word(head, 2, 2);

        private long Word(byte[] bytes, int at, int size)
        {
            long value = 0;
            for (int i = 0; i < size; i++)
                value |= (long)bytes[at + (_little ? i : size - 1 - i)] << (8 * i);
            return value;
        }
    }
}
