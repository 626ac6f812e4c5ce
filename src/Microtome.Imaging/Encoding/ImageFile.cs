using System.Runtime.InteropServices;

namespace Microtome.Imaging;

/// <summary>Ordinary picture files, read and written whole. Pictures too large to hold are opened by <see cref="Slide"/>.</summary>
public static unsafe class ImageFile
{
    /// <summary>Reads a PNG, JPEG, TIFF, JPEG 2000 or WebP as 8-bit RGB: alpha is laid on white, grey is repeated, 16 bits become 8.</summary>
    /// <exception cref="SlideException">The file is missing, damaged or of another kind.</exception>
    public static RgbImage ReadRgb(string path)
    {
        using VipsHandle raw = Open(path);
        var image = ToRgb(path, raw);
        if (MislabelledJpeg.Is(path))
            MislabelledJpeg.ToRgb(image.Pixels);
        return image;
    }

    /// <summary>Draws an SVG of our own making. SVG files are not opened as pictures: a stranger's drawing may refer to anything.</summary>
    /// <param name="svg">The drawing.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="SlideException">It is malformed, or libvips lacks librsvg.</exception>
    public static RgbImage DrawSvg(string svg, string name)
    {
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(svg);
        fixed (byte* content = bytes)
        {
            // libvips reads from the buffer until the picture is closed.
            using VipsHandle raw = ImageNative.mti_open_memory(content, (nuint)bytes.Length);
            if (raw.IsInvalid)
                throw new SlideException($"{name} cannot be drawn: {VipsHandle.LastError}. Run 'microtome doctor': libvips must read SVG (librsvg).");
            return ToRgb(name, raw);
        }
    }

    /// <summary>Decodes a picture in memory as 8-bit RGB, as <see cref="ReadRgb"/> does.</summary>
    /// <param name="bytes">A PNG, JPEG, TIFF, JPEG 2000 or WebP.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="SlideException">It is damaged or of another kind.</exception>
    public static RgbImage DecodeRgb(byte[] bytes, string name)
    {
        fixed (byte* content = bytes)
        {
            using VipsHandle raw = ImageNative.mti_open_memory(content, (nuint)bytes.Length);
            if (raw.IsInvalid)
                throw new SlideException($"{name} cannot be decoded: {VipsHandle.LastError}.");
            return ToRgb(name, raw);
        }
    }

    private static RgbImage ToRgb(string name, VipsHandle raw)
    {
        using VipsHandle rgb = ImageNative.mti_to_rgb8(raw);
        if (rgb.IsInvalid)
            throw new SlideException($"{name} cannot be converted to RGB: {VipsHandle.LastError}.");
        ImageNative.Info info = rgb.Info;
        CheckSize(name, info, 3);
        var image = new RgbImage(info.Width, info.Height);
        fixed (byte* pixels = image.Pixels)
            Read(name, rgb, info, pixels, (nuint)image.Pixels.Length);
        return image;
    }

    /// <summary>Reads a picture as one 8-bit channel: the first of it, unchanged; 16-bit samples keep their high byte.</summary>
    /// <exception cref="SlideException">The file is missing, damaged or of another kind.</exception>
    public static Raster<byte> ReadGray(string path)
    {
        using VipsHandle raw = Open(path);
        ImageNative.Info info = raw.Info;
        CheckSize(path, info, info.Bands * 2);
        long count = (long)info.Width * info.Height;
        var gray = new Raster<byte>(info.Width, info.Height);
        if (info.Sample == ImageNative.SampleType.UInt8)
        {
            byte[] samples = ReadSamples<byte>(path, raw, info);
            for (long i = 0; i < count; i++)
                gray.Samples[i] = samples[i * info.Bands];
        }
        else if (info.Sample == ImageNative.SampleType.UInt16)
        {
            ushort[] samples = ReadSamples<ushort>(path, raw, info);
            for (long i = 0; i < count; i++)
                gray.Samples[i] = (byte)(samples[i * info.Bands] >> 8);
        }
        else
        {
            throw new SlideException($"{path} has samples that are neither 8 nor 16 bits.");
        }

        return gray;
    }

    /// <summary>Writes a PNG; the file appears when it is complete.</summary>
    /// <param name="path">The file.</param>
    /// <param name="image">The picture.</param>
    /// <param name="compression">0 (large, fast) to 9.</param>
    /// <exception cref="IOException">The folder cannot be written or the disk is full.</exception>
    public static void WritePng(string path, RgbImage image, int compression = Encoder.DefaultCompression) => AtomicFile.WriteAllBytes(path, Encoder.Png(image, compression));

    /// <summary>Writes a one-channel PNG; the file appears when it is complete.</summary>
    /// <exception cref="IOException">The folder cannot be written or the disk is full.</exception>
    public static void WritePng(string path, Raster<byte> image) => AtomicFile.WriteAllBytes(path, Encoder.Png(image));

    /// <summary>Writes a JPEG; the file appears when it is complete.</summary>
    /// <exception cref="IOException">The folder cannot be written or the disk is full.</exception>
    public static void WriteJpeg(string path, RgbImage image, int quality = Encoder.DefaultQuality) => AtomicFile.WriteAllBytes(path, Encoder.Jpeg(image, quality));

    /// <summary>Opens a file whose content libvips knows.</summary>
    internal static VipsHandle Open(string path)
    {
        if (!File.Exists(path))
            throw new SlideException(Directory.Exists(path) ? $"{path} is a folder, not a picture." : $"{path} does not exist.");
        VipsHandle handle = ImageNative.mti_open(Path.GetFullPath(path), 0, -1);
        if (!handle.IsInvalid)
            return handle;
        handle.Dispose();
        throw new SlideException($"{path} cannot be read as a picture: {VipsHandle.LastError}.");
    }

    /// <summary>All samples of a picture, interleaved.</summary>
    internal static T[] ReadSamples<T>(string path, VipsHandle handle, in ImageNative.Info info)
        where T : unmanaged
    {
        T[] samples = new T[checked((long)info.Width * info.Height * info.Bands)];
        fixed (T* pointer = samples)
            Read(path, handle, info, pointer, (nuint)samples.LongLength * (nuint)sizeof(T));
        return samples;
    }

    internal static void CheckSize(string path, in ImageNative.Info info, int bytesPerPixel)
    {
        if ((long)info.Width * info.Height * bytesPerPixel > Array.MaxLength)
            throw new SlideException($"{path} has {info.Width} x {info.Height} pixels, too many to hold at once; use it as a slide instead.");
    }

    private static void Read(string path, VipsHandle handle, in ImageNative.Info info, void* destination, nuint size)
    {
        if (ImageNative.mti_read(handle, 0, 0, info.Width, info.Height, destination, size) != 0)
            throw new SlideException($"{path} is damaged: {VipsHandle.LastError}.");
    }
}
