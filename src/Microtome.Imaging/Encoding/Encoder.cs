using System.Buffers;
using System.Runtime.InteropServices;

namespace Microtome.Imaging;

/// <summary>Encodes images into memory. Any thread may call.</summary>
public static unsafe class Encoder
{
    /// <summary>JPEG quality unless told otherwise.</summary>
    public const int DefaultQuality = 90;

    /// <summary>From this JPEG quality on colour is stored at full resolution; below it at half.</summary>
    public const int FullChromaFrom = 90;

    /// <summary>zlib level of PNG unless told otherwise.</summary>
    public const int DefaultCompression = 6;

    /// <summary>A baseline JPEG.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="quality">1 to 100.</param>
    /// <param name="icc">An ICC profile to attach.</param>
    /// <exception cref="SlideException">libvips cannot encode it.</exception>
    public static byte[] Jpeg(RgbImage image, int quality = DefaultQuality, byte[]? icc = null)
    {
        if (quality is < 1 or > 100)
            throw new ArgumentOutOfRangeException(nameof(quality), quality, "JPEG quality is 1 to 100.");
        return Encode(image, new ImageNative.WriteOptions { Quality = quality }, icc, png: false);
    }

    /// <summary>A PNG.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="compression">zlib level, 0 to 9.</param>
    /// <param name="icc">An ICC profile to attach.</param>
    /// <exception cref="SlideException">libvips cannot encode it.</exception>
    public static byte[] Png(RgbImage image, int compression = DefaultCompression, byte[]? icc = null)
    {
        if (compression is < 0 or > 9)
            throw new ArgumentOutOfRangeException(nameof(compression), compression, "PNG compression is 0 to 9.");
        return Encode(image, new ImageNative.WriteOptions { Compression = compression }, icc, png: true);
    }

    /// <summary>A one-channel 8-bit PNG.</summary>
    /// <exception cref="SlideException">libvips cannot encode it.</exception>
    public static byte[] Png(Raster<byte> image)
    {
        fixed (byte* samples = image.Samples)
        {
            using VipsHandle handle = Wrap(samples, image.Width, image.Height, 1, ImageNative.SampleType.UInt8);
            return Encode(handle, new ImageNative.WriteOptions { Compression = DefaultCompression }, png: true);
        }
    }

    /// <summary>A view of pinned samples as a libvips image.</summary>
    internal static VipsHandle Wrap(void* samples, int width, int height, int bands, ImageNative.SampleType type)
    {
        VipsHandle handle = ImageNative.mti_from_memory(samples, width, height, bands, type);
        if (!handle.IsInvalid)
            return handle;
        handle.Dispose();
        throw new SlideException($"The image cannot be handed to libvips: {VipsHandle.LastError}.");
    }

    private static byte[] Encode(RgbImage image, ImageNative.WriteOptions options, byte[]? icc, bool png)
    {
        fixed (byte* samples = image.Pixels)
        fixed (byte* profile = icc)
        {
            options.Icc = profile;
            options.IccSize = (nuint)(icc?.Length ?? 0);
            using VipsHandle handle = Wrap(samples, image.Width, image.Height, 3, ImageNative.SampleType.UInt8);
            return Encode(handle, options, png);
        }
    }

    private static byte[] Encode(VipsHandle handle, in ImageNative.WriteOptions options, bool png)
    {
        IntPtr buffer = png ? ImageNative.mti_encode_png(handle, options, out nuint size) : ImageNative.mti_encode_jpeg(handle, options, out size);
        if (buffer == IntPtr.Zero)
            throw new SlideException($"The image cannot be encoded: {VipsHandle.LastError}.");
        try
        {
            return new ReadOnlySpan<byte>((void*)buffer, checked((int)size)).ToArray();
        }
        finally
        {
            ImageNative.mti_free(buffer);
        }
    }
}
