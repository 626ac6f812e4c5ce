using System.Buffers.Binary;
using System.IO.Compression;
using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>Small PNGs with an alpha channel (RFC 2083), for overlays; the imaging library writes pictures without one.</summary>
internal static class PngWriter
{
    public static byte[] Write(RgbImage image, ReadOnlySpan<byte> alpha, CompressionLevel compression = CompressionLevel.Optimal)
    {
        using var file = new MemoryStream();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]);
        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, image.Width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], image.Height);
        header[8] = 8;
        header[9] = 6;
        Chunk(file, "IHDR"u8, header);
        using (var packed = new MemoryStream())
        {
            using (var zlib = new ZLibStream(packed, compression, leaveOpen: true))
            {
                byte[] row = new byte[1 + (image.Width * 4)];
                for (int y = 0; y < image.Height; y++)
                {
                    for (int x = 0; x < image.Width; x++)
                    {
                        image.Row(y).Slice(x * 3, 3).CopyTo(row.AsSpan(1 + (x * 4)));
                        row[4 + (x * 4)] = alpha[(y * image.Width) + x];
                    }

                    zlib.Write(row);
                }
            }

            Chunk(file, "IDAT"u8, packed.ToArray());
        }

        Chunk(file, "IEND"u8, []);
        return file.ToArray();
    }

    private static void Chunk(MemoryStream file, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        byte[] body = [.. type, .. data];
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        file.Write(body);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc(body));
        file.Write(number);
    }

    private static uint Crc(ReadOnlySpan<byte> data)
    {
        uint crc = 0xFFFFFFFF;
        foreach (byte value in data)
        {
            crc ^= value;
            for (int k = 0; k < 8; k++)
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
        }

        return ~crc;
    }
}
