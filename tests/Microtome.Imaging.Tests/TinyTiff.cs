using System.Buffers.Binary;
using System.Text;

namespace Microtome.Imaging.Tests;

/// <summary>Writes small uncompressed RGB TIFF files with any resolution tags, right or wrong: an author independent of the code under test.</summary>
internal sealed record TinyTiff
{
    public int Width { get; init; } = 256;

    public int Height { get; init; } = 256;

    /// <summary>Tiled files go through OpenSlide, others through libvips.</summary>
    public bool Tiled { get; init; } = true;

    public (uint Numerator, uint Denominator)? XResolution { get; init; }

    public (uint Numerator, uint Denominator)? YResolution { get; init; }

    /// <summary>1 none, 2 inch, 3 centimetre.</summary>
    public int? Unit { get; init; }

    public string? Description { get; init; }

    public void Write(string path)
    {
        var entries = new List<(ushort Tag, ushort Type, uint Count, byte[] Value)>();
        int side = 256;
        byte[] pixels = new byte[Tiled ? side * side * 3 : Width * Height * 3];
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)(i * 7);
        const uint PixelsAt = 8;
        Long(256, (uint)Width);
        Long(257, (uint)Height);
        Add(258, 3, 3, [8, 0, 8, 0, 8, 0]);
        Short(259, 1);
        Short(262, 2);
        if (Description is not null)
        {
            byte[] text = Encoding.ASCII.GetBytes(Description + "\0");
            Add(270, 2, (uint)text.Length, text);
        }

        if (!Tiled)
            Long(273, PixelsAt);
        Short(277, 3);
        if (!Tiled)
        {
            Long(278, (uint)Height);
            Long(279, (uint)pixels.Length);
        }

        if (XResolution is { } x)
            Rational(282, x);
        if (YResolution is { } y)
            Rational(283, y);
        Short(284, 1);
        if (Unit is { } unit)
            Short(296, (ushort)unit);
        if (Tiled)
        {
            Long(322, (uint)side);
            Long(323, (uint)side);
            Long(324, PixelsAt);
            Long(325, (uint)pixels.Length);
        }

        using var stream = new MemoryStream();
        uint directory = PixelsAt + (uint)pixels.Length;
        uint extra = directory + 2 + ((uint)entries.Count * 12) + 4;
        stream.Write("II*\0"u8);
        Write32(directory);
        stream.Write(pixels);
        Write16((ushort)entries.Count);
        var later = new MemoryStream();
        foreach ((ushort tag, ushort type, uint count, byte[] value) in entries)
        {
            Write16(tag);
            Write16(type);
            Write32(count);
            if (value.Length <= 4)
            {
                stream.Write(value);
                stream.Write(new byte[4 - value.Length]);
            }
            else
            {
                Write32(extra + (uint)later.Length);
                later.Write(value);
                if (later.Length % 2 == 1)
                    later.WriteByte(0);
            }
        }

        Write32(0);
        stream.Write(later.ToArray());
        File.WriteAllBytes(path, stream.ToArray());

        void Add(ushort tag, ushort type, uint count, byte[] value) => entries.Add((tag, type, count, value));
        void Short(ushort tag, ushort value) => Add(tag, 3, 1, BitConverter.GetBytes(value));
        void Long(ushort tag, uint value) => Add(tag, 4, 1, BitConverter.GetBytes(value));
        void Rational(ushort tag, (uint N, uint D) value) => Add(tag, 5, 1, [.. BitConverter.GetBytes(value.N), .. BitConverter.GetBytes(value.D)]);
        void Write16(ushort value)
        {
            Span<byte> b = stackalloc byte[2];
            BinaryPrimitives.WriteUInt16LittleEndian(b, value);
            stream.Write(b);
        }

        void Write32(uint value)
        {
            Span<byte> b = stackalloc byte[4];
            BinaryPrimitives.WriteUInt32LittleEndian(b, value);
            stream.Write(b);
        }
    }
}
