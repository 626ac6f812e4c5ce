using System.Buffers.Binary;
using System.IO.Compression;

namespace Microtome.Imaging;

/// <summary>
/// Reads the indices of a palette PNG, which are what label files mean; libvips gives the colours instead. Interlaced files are not read.
/// Format: PNG specification, third edition, sections 5, 7.2 and 9.
/// </summary>
internal static class PalettePng
{
    private const int PaletteColour = 3;

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0d, 0x0a, 0x1a, 0x0a];

    /// <summary>The indices, or null when the file is no palette PNG.</summary>
    /// <exception cref="SlideException">The file is one, but damaged or interlaced.</exception>
    public static Raster<int>? TryRead(string path)
    {
        using FileStream stream = File.OpenRead(path);
        Span<byte> head = stackalloc byte[33];
        if (stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) < head.Length
            || !head[..8].SequenceEqual(Signature)
            || head[25] != PaletteColour)
        {
            return null;
        }

        int width = BinaryPrimitives.ReadInt32BigEndian(head[16..]);
        int height = BinaryPrimitives.ReadInt32BigEndian(head[20..]);
        int depth = head[24];
        if (width <= 0 || height <= 0 || (long)width * height > 1 << 29 || depth is not (1 or 2 or 4 or 8))
            throw new SlideException($"{path} is a damaged PNG.");
        if (head[28] != 0)
            throw new SlideException($"{path} is an interlaced palette PNG; save it without interlacing.");
        try
        {
            using var zlib = new ZLibStream(new MemoryStream(ImageData(stream)), CompressionMode.Decompress);
            return Indices(zlib, width, height, depth);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw new SlideException($"{path} is a damaged PNG: {e.Message}", e);
        }
    }

    private static byte[] ImageData(Stream stream)
    {
        using var data = new MemoryStream();
        Span<byte> chunk = stackalloc byte[8];
        while (stream.ReadAtLeast(chunk, 8, throwOnEndOfStream: false) == 8)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(chunk);
            if (length < 0 || length > stream.Length - stream.Position)
                throw new EndOfStreamException("it ends within a chunk");
            if (chunk[4..].SequenceEqual("IDAT"u8))
            {
                byte[] bytes = new byte[length];
                stream.ReadExactly(bytes);
                data.Write(bytes);
            }
            else
            {
                stream.Position += length;
            }

            stream.Position += 4;
        }

        return data.ToArray();
    }

    private static Raster<int> Indices(Stream zlib, int width, int height, int depth)
    {
        int stride = ((width * depth) + 7) / 8;
        var indices = new Raster<int>(width, height);
        byte[] above = new byte[stride];
        byte[] row = new byte[stride];
        for (int y = 0; y < height; y++)
        {
            int filter = zlib.ReadByte();
            zlib.ReadExactly(row);
            Unfilter(filter, row, above);
            Span<int> target = indices.Row(y);
            for (int x = 0; x < width; x++)
            {
                int bit = x * depth;
                target[x] = (row[bit >> 3] >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
            }

            (above, row) = (row, above);
        }

        return indices;
    }

    // A pixel is at most one byte, so the byte on the left is the previous one.
    private static void Unfilter(int filter, byte[] row, byte[] above)
    {
        for (int i = 0; i < row.Length; i++)
        {
            int left = i > 0 ? row[i - 1] : 0;
            int corner = i > 0 ? above[i - 1] : 0;
            row[i] += (byte)(filter switch
            {
                0 => 0,
                1 => left,
                2 => above[i],
                3 => (left + above[i]) / 2,
                4 => Paeth(left, above[i], corner),
                _ => throw new InvalidDataException($"row filter {filter} does not exist"),
            });
        }
    }

    private static int Paeth(int left, int above, int corner)
    {
        int estimate = left + above - corner;
        int toLeft = Math.Abs(estimate - left);
        int toAbove = Math.Abs(estimate - above);
        int toCorner = Math.Abs(estimate - corner);
        return toLeft <= toAbove && toLeft <= toCorner ? left : toAbove <= toCorner ? above : corner;
    }
}
