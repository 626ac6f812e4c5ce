using System.Buffers;
using System.Runtime.InteropServices;

namespace Microtome.Imaging;

/// <summary>
/// A slide read through OpenSlide. Its handle is thread-safe, so many threads read at once without a lock. A handle that met a damaged place keeps
/// failing with the first message: OpenSlide's errors are sticky.
/// </summary>
internal sealed unsafe class OpenSlideSlide : ISlide, IAssociatedImages, IColourProfile
{
    // OpenSlide addresses levels by level-0 coordinates. Where the downsample is not whole, a level pixel has no exact address and OpenSlide
    // blends neighbours by the remainder. Reading such levels in blocks at fixed places makes a pixel the same whatever region asked for it.
    private const int Lattice = 256;

    private const int BlockPixels = 1 << 20;

    private readonly OpenSlideHandle _handle;
    private readonly SlideLevel[] _levels;

    // OpenSlide's own downsamples, by which it is addressed.
    private readonly double[] _addressing;

    private OpenSlideSlide(string path, OpenSlideHandle handle, string vendor, PixelSize? given)
    {
        _handle = handle;
        Path = path;
        Format = vendor;
        Name = SlideName.Of(path);
        Properties = ReadProperties();
        int count = ReadableLevels(OpenSlideNative.openslide_get_level_count(handle));
        ThrowIfFailed();
        _levels = new SlideLevel[count];
        _addressing = new double[count];
        for (int i = 0; i < count; i++)
        {
            OpenSlideNative.openslide_get_level_dimensions(handle, i, out long width, out long height);
            _addressing[i] = OpenSlideNative.openslide_get_level_downsample(handle, i);
            if (width <= 0 || height <= 0 || !(_addressing[i] >= 1))
                throw new SlideException($"{path}: level {i} says that it has {width} x {height} pixels at downsample {_addressing[i]}; the file is damaged.");
            _levels[i] = new SlideLevel(width, height, i == 0 ? 1 : SlideLevel.DownsampleOf(_levels[0], width, height) ?? _addressing[i]);
        }

        AssociatedImages = ReadNames(OpenSlideNative.openslide_get_associated_image_names(handle));
        ThrowIfFailed();
        (PixelSize, PixelSizeNotes) = PixelSizeResolution.FromProperties(Properties, given);
    }

    public string Name { get; }

    public string Path { get; }

    public string Format { get; }

    public IReadOnlyList<SlideLevel> Levels => _levels;

    public PixelSize? PixelSize { get; }

    public IReadOnlyList<string> PixelSizeNotes { get; }

    public IReadOnlyDictionary<string, string> Properties { get; }

    public IReadOnlyList<string> AssociatedImages { get; }

    // OpenSlide 3 does not give the profile; the slides that carry one are TIFF files, whose first page libvips opens without reading pixels.
    public byte[]? IccProfile => IsTiff(Path) ? PictureSlide.ReadProfile(Path) : null;

    /// <summary>Opens the file, or says in <paramref name="reason"/> why OpenSlide does not read it.</summary>
    public static OpenSlideSlide? TryOpen(string path, PixelSize? given, out string reason)
    {
        try
        {
            IntPtr vendor = OpenSlideNative.openslide_detect_vendor(path);
            if (vendor == IntPtr.Zero)
            {
                reason = "not a format that it knows";
                return null;
            }

            OpenSlideHandle handle = OpenSlideNative.openslide_open(path);
            if (handle.IsInvalid)
            {
                handle.Dispose();
                reason = "not a format that it knows";
                return null;
            }

            try
            {
                if (ErrorOf(handle) is { } error)
                {
                    reason = error;
                    handle.Dispose();
                    return null;
                }

                reason = string.Empty;
                return new OpenSlideSlide(path, handle, Marshal.PtrToStringUTF8(vendor) ?? "unknown", given);
            }
            catch
            {
                handle.Dispose();
                throw;
            }
        }
        catch (SlideException e)
        {
            reason = e.Message;
            return null;
        }
        catch (DllNotFoundException e)
        {
            reason = e.Message;
            return null;
        }
    }

    public void ReadRegion(LevelRect region, RgbImage destination)
    {
        ObjectDisposedException.ThrowIf(_handle.IsClosed, this);
        if (SlideRegions.Clip(_levels, region, destination) is not { } inside)
            return;
        double downsample = _addressing[region.Level];
        bool exact = downsample == Math.Floor(downsample);
        int offsetX = (int)(inside.X - region.X);
        int offsetY = (int)(inside.Y - region.Y);
        long right = inside.X + inside.Width;
        long bottom = inside.Y + inside.Height;
        if (exact)
        {
            int width = Math.Min(inside.Width, 2048);
            int height = Math.Min(inside.Height, Math.Max(1, BlockPixels / width));
            for (long y = inside.Y; y < bottom; y += height)
            {
                for (long x = inside.X; x < right; x += width)
                {
                    var block = new LevelRect(region.Level, x, y, (int)Math.Min(width, right - x), (int)Math.Min(height, bottom - y));
                    ReadBlock(block, downsample, block, destination, offsetX + (int)(x - inside.X), offsetY + (int)(y - inside.Y));
                }
            }

            return;
        }

        SlideLevel level = _levels[region.Level];
        for (long by = inside.Y / Lattice * Lattice; by < bottom; by += Lattice)
        {
            for (long bx = inside.X / Lattice * Lattice; bx < right; bx += Lattice)
            {
                var block = new LevelRect(region.Level, bx, by, (int)Math.Min(Lattice, level.Width - bx), (int)Math.Min(Lattice, level.Height - by));
                long x0 = Math.Max(bx, inside.X);
                long y0 = Math.Max(by, inside.Y);
                var part = new LevelRect(region.Level, x0, y0, (int)(Math.Min(bx + block.Width, right) - x0), (int)(Math.Min(by + block.Height, bottom) - y0));
                ReadBlock(block, downsample, part, destination, offsetX + (int)(x0 - inside.X), offsetY + (int)(y0 - inside.Y));
            }
        }
    }

    public RgbImage ReadAssociatedImage(string name)
    {
        if (!AssociatedImages.Contains(name, StringComparer.Ordinal))
            throw new SlideException($"{Path} has no associated image \"{name}\"; it has: {(AssociatedImages.Count == 0 ? "none" : string.Join(", ", AssociatedImages))}.");
        OpenSlideNative.openslide_get_associated_image_dimensions(_handle, name, out long width, out long height);
        if (width <= 0 || height <= 0 || width * height > 1 << 29)
            throw new SlideException($"{Path}: the associated image \"{name}\" says that it has {width} x {height} pixels.");
        var image = new RgbImage((int)width, (int)height);
        uint[] argb = new uint[width * height];
        fixed (uint* pointer = argb)
            OpenSlideNative.openslide_read_associated_image(_handle, name, pointer);
        ThrowIfFailed();
        PixelConversion.ArgbOnWhiteToRgb(argb, image.Pixels);
        return image;
    }

    public void Dispose() => _handle.Dispose();

    // Reads the block and copies the part of it that is asked for.
    private void ReadBlock(LevelRect block, double downsample, LevelRect part, RgbImage destination, int atX, int atY)
    {
        int count = block.Width * block.Height;
        uint[] argb = ArrayPool<uint>.Shared.Rent(count);
        try
        {
            fixed (uint* pointer = argb)
                OpenSlideNative.openslide_read_region(_handle, pointer, (long)Math.Round(block.X * downsample), (long)Math.Round(block.Y * downsample), block.Level, block.Width, block.Height);
            ThrowIfFailed();
            int skipX = (int)(part.X - block.X);
            int skipY = (int)(part.Y - block.Y);
            if (part.Width == block.Width && part.Width == destination.Width)
            {
                PixelConversion.ArgbOnWhiteToRgb(argb.AsSpan(skipY * block.Width, part.Height * block.Width), destination.Pixels.AsSpan(atY * destination.Width * 3));
                return;
            }

            for (int y = 0; y < part.Height; y++)
                PixelConversion.ArgbOnWhiteToRgb(argb.AsSpan(((skipY + y) * block.Width) + skipX, part.Width), destination.Row(atY + y)[(atX * 3)..]);
        }
        finally
        {
            ArrayPool<uint>.Shared.Return(argb);
        }
    }

    // OpenSlide 3 gives random pixels for TIFF levels that are smaller than one of their tiles, because libtiff (since its fix of CVE-2023-25433) adapts the
    // request and OpenSlide does not notice. Such levels are left out; they are tiny, and the level above holds the same picture.
    private int ReadableLevels(int count)
    {
        for (int i = 0; i < count; i++)
        {
            OpenSlideNative.openslide_get_level_dimensions(_handle, i, out long width, out long height);
            if (width >= TileSide(i, "width") && height >= TileSide(i, "height"))
                continue;
            if (i == 0)
                throw new SlideException($"the picture of {width} x {height} pixels is smaller than one of its tiles, which this OpenSlide misreads");
            return i;
        }

        return count;
    }

    private long TileSide(int level, string side) =>
        Properties.TryGetValue($"openslide.level[{level}].tile-{side}", out string? text) && long.TryParse(text, out long value) ? value : 0;

    private static bool IsTiff(string path)
    {
        Span<byte> magic = stackalloc byte[4];
        using FileStream stream = File.OpenRead(path);
        return stream.ReadAtLeast(magic, 4, throwOnEndOfStream: false) == 4
            && (magic.SequenceEqual("II*\0"u8) || magic.SequenceEqual("MM\0*"u8) || magic.SequenceEqual("II+\0"u8) || magic.SequenceEqual("MM\0+"u8));
    }

    private void ThrowIfFailed()
    {
        if (ErrorOf(_handle) is { } error)
            throw new SlideException($"{Path} is damaged or cannot be read: {error}.");
    }

    private static string? ErrorOf(OpenSlideHandle handle) => Marshal.PtrToStringUTF8(OpenSlideNative.openslide_get_error(handle));

    private Dictionary<string, string> ReadProperties()
    {
        var properties = new Dictionary<string, string>(StringComparer.Ordinal);
        for (byte** name = OpenSlideNative.openslide_get_property_names(_handle); name is not null && *name is not null; name++)
        {
            if (Marshal.PtrToStringUTF8(OpenSlideNative.openslide_get_property_value(_handle, *name)) is { } value)
                properties[Marshal.PtrToStringUTF8((IntPtr)(*name))!] = value;
        }

        return properties;
    }

    private static List<string> ReadNames(byte** name)
    {
        var names = new List<string>();
        for (; name is not null && *name is not null; name++)
            names.Add(Marshal.PtrToStringUTF8((IntPtr)(*name))!);
        return names;
    }
}
