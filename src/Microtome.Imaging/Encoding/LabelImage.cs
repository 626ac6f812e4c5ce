using System.Runtime.InteropServices;

namespace Microtome.Imaging;

/// <summary>
/// Instance labels as files: 0 is background. A PNG holds 16-bit labels; when a label is larger than 65,535 it holds 8-bit RGB with
/// label = R + 256 G + 65,536 B (up to 16,777,215). A TIFF holds 32-bit labels.
/// </summary>
public static unsafe class LabelImage
{
    /// <summary>
    /// Reads labels from a grey PNG (8 or 16 bits), a palette PNG (the indices), an RGB-packed PNG, or a grey TIFF of up to 32 bits. An RGB file whose channels are
    /// equal everywhere counts as grey.
    /// </summary>
    /// <exception cref="SlideException">The file is missing, damaged or holds no labels.</exception>
    public static Raster<int> Read(string path)
    {
        using VipsHandle raw = ImageFile.Open(path);
        if (PalettePng.TryRead(path) is { } indices)
            return indices;
        ImageNative.Info info = raw.Info;
        ImageFile.CheckSize(path, info, info.Bands * 4);
        int[] labels = new int[info.Width * info.Height];
        switch (info.Sample)
        {
            case ImageNative.SampleType.UInt8:
                FromBytes(ImageFile.ReadSamples<byte>(path, raw, info), info.Bands, labels);
                break;
            case ImageNative.SampleType.UInt16:
                ushort[] words = ImageFile.ReadSamples<ushort>(path, raw, info);
                for (int i = 0; i < labels.Length; i++)
                    labels[i] = words[(long)i * info.Bands];
                break;
            case ImageNative.SampleType.Int32:
                int[] wide = ImageFile.ReadSamples<int>(path, raw, info);
                for (int i = 0; i < labels.Length; i++)
                    labels[i] = wide[(long)i * info.Bands];
                break;
            case ImageNative.SampleType.Float:
                float[] reals = ImageFile.ReadSamples<float>(path, raw, info);
                for (int i = 0; i < labels.Length; i++)
                    labels[i] = (int)reals[(long)i * info.Bands];
                break;
            default:
                throw new SlideException($"{path} has samples that cannot be labels.");
        }

        return new Raster<int>(info.Width, info.Height, labels);
    }

    /// <summary>Writes labels; the extension decides between PNG and TIFF. The file appears when it is complete.</summary>
    /// <exception cref="ArgumentException">A label is negative, or too large for the format.</exception>
    /// <exception cref="IOException">The folder cannot be written or the disk is full.</exception>
    public static void Write(string path, Raster<int> labels)
    {
        int largest = 0;
        foreach (int label in labels.Samples)
        {
            if (label < 0)
                throw new ArgumentException($"The label {label} is negative.", nameof(labels));
            largest = Math.Max(largest, label);
        }

        var options = new ImageNative.WriteOptions { Compression = Encoder.DefaultCompression };
        bool tiff = Path.GetExtension(path).StartsWith(".tif", StringComparison.OrdinalIgnoreCase);
        if (tiff)
            options.Compression = 2;
        else if (largest > 0xffffff)
            throw new ArgumentException($"The label {largest} is too large for a PNG (16,777,215); write a .tif.", nameof(labels));

        int bands = tiff || largest <= ushort.MaxValue ? 1 : 3;
        ImageNative.SampleType type = tiff ? ImageNative.SampleType.Int32 : bands == 1 ? ImageNative.SampleType.UInt16 : ImageNative.SampleType.UInt8;
        byte[] packed = Pack(labels.Samples, type);
        fixed (byte* samples = packed)
        {
            using VipsHandle handle = Encoder.Wrap(samples, labels.Width, labels.Height, bands, type);
            AtomicFile.Write(path, temporary =>
            {
                int code = tiff ? ImageNative.mti_write_tiff(handle, temporary, options, null, IntPtr.Zero) : ImageNative.mti_write_png(handle, temporary, options);
                if (code != 0)
                    throw new IOException($"{path} cannot be written: {VipsHandle.LastError}.");
            });
        }
    }

    private static byte[] Pack(int[] labels, ImageNative.SampleType type)
    {
        if (type == ImageNative.SampleType.Int32)
            return MemoryMarshal.AsBytes(labels.AsSpan()).ToArray();
        if (type == ImageNative.SampleType.UInt16)
        {
            byte[] words = new byte[labels.LongLength * 2];
            Span<ushort> target = MemoryMarshal.Cast<byte, ushort>(words.AsSpan());
            for (int i = 0; i < labels.Length; i++)
                target[i] = (ushort)labels[i];
            return words;
        }

        byte[] rgb = new byte[labels.LongLength * 3];
        for (long i = 0; i < labels.LongLength; i++)
        {
            rgb[i * 3] = (byte)labels[i];
            rgb[(i * 3) + 1] = (byte)(labels[i] >> 8);
            rgb[(i * 3) + 2] = (byte)(labels[i] >> 16);
        }

        return rgb;
    }

    private static void FromBytes(byte[] samples, int bands, int[] labels)
    {
        bool grey = true;
        for (long i = 0; bands >= 3 && grey && i < labels.LongLength; i++)
            grey = samples[i * bands] == samples[(i * bands) + 1] && samples[i * bands] == samples[(i * bands) + 2];
        for (long i = 0; i < labels.LongLength; i++)
        {
            long at = i * bands;
            labels[i] = bands < 3 || grey ? samples[at] : samples[at] | (samples[at + 1] << 8) | (samples[at + 2] << 16);
        }
    }
}
