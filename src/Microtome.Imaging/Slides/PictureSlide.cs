using System.Runtime.InteropServices;

namespace Microtome.Imaging;

/// <summary>
/// An ordinary picture (PNG, JPEG, TIFF, BigTIFF, JPEG 2000, WebP) as a slide, read through libvips. Tiled TIFF is read in place; formats that can only be
/// decoded from the top are decoded once, into memory or a temporary file, when the first pixel is asked for.
/// </summary>
internal sealed unsafe class PictureSlide : ISlide, IColourProfile
{
    private readonly List<VipsHandle> _raw = [];
    private readonly List<VipsHandle> _rgb = [];
    private readonly SlideLevel[] _levels;
    private readonly bool _mislabelled;

    private PictureSlide(string path, PixelSize? given)
    {
        Path = path;
        Name = SlideName.Of(path);
        ImageNative.Info info = Add(0, -1, path);
        Properties = ReadProperties();
        string loader = Marshal.PtrToStringUTF8(ImageNative.mti_loader(_raw[0])) ?? "picture";
        Format = loader.Replace("load", string.Empty, StringComparison.Ordinal).Replace("_source", string.Empty, StringComparison.Ordinal);
        _mislabelled = Format == "tiff" && MislabelledJpeg.Is(path);
        var levels = new List<SlideLevel> { new(info.Width, info.Height, 1) };
        AddPyramid(info, levels, path);
        _levels = [.. levels];
        (PixelSize, PixelSizeNotes) = PixelSizeResolution.Resolve(given, null, ResolutionOf(info), null);
    }

    public string Name { get; }

    public string Path { get; }

    public string Format { get; }

    public IReadOnlyList<SlideLevel> Levels => _levels;

    public PixelSize? PixelSize { get; }

    public IReadOnlyList<string> PixelSizeNotes { get; }

    public IReadOnlyDictionary<string, string> Properties { get; }

    public byte[]? IccProfile => ProfileOf(_raw[0]);

    /// <summary>The profile of a file's first page; null when there is none or libvips does not read the file.</summary>
    public static byte[]? ReadProfile(string path)
    {
        using VipsHandle image = ImageNative.mti_open(path, 0, -1);
        return image.IsInvalid ? null : ProfileOf(image);
    }

    /// <summary>Opens the file, or says in <paramref name="reason"/> why libvips does not read it.</summary>
    public static PictureSlide? TryOpen(string path, PixelSize? given, out string reason)
    {
        try
        {
            reason = string.Empty;
            return new PictureSlide(path, given);
        }
        catch (SlideException e)
        {
            reason = e.Message;
        }
        catch (DllNotFoundException e)
        {
            reason = e.Message;
        }

        return null;
    }

    public void ReadRegion(LevelRect region, RgbImage destination)
    {
        ObjectDisposedException.ThrowIf(_raw[0].IsClosed, this);
        if (SlideRegions.Clip(_levels, region, destination) is not { } inside)
            return;
        bool whole = inside == region;
        byte[] pixels = whole ? destination.Pixels : new byte[checked(inside.Width * inside.Height * 3)];
        fixed (byte* pointer = pixels)
        {
            if (ImageNative.mti_read(_rgb[region.Level], (int)inside.X, (int)inside.Y, inside.Width, inside.Height, pointer, (nuint)pixels.Length) != 0)
                throw new SlideException($"{Path} is damaged or cannot be read: {VipsHandle.LastError}.");
        }

        if (_mislabelled)
            MislabelledJpeg.ToRgb(pixels);
        if (whole)
            return;
        int stride = inside.Width * 3;
        for (int y = 0; y < inside.Height; y++)
            pixels.AsSpan(y * stride, stride).CopyTo(destination.Row((int)(inside.Y - region.Y) + y)[((int)(inside.X - region.X) * 3)..]);
    }

    public void Dispose()
    {
        foreach (VipsHandle handle in _rgb)
            handle.Dispose();
        foreach (VipsHandle handle in _raw)
            handle.Dispose();
    }

    private static byte[]? ProfileOf(VipsHandle image)
    {
        byte* bytes = ImageNative.mti_icc(image, out nuint size);
        return bytes is null ? null : new ReadOnlySpan<byte>(bytes, checked((int)size)).ToArray();
    }

    private ImageNative.Info Add(int page, int subifd, string path)
    {
        VipsHandle raw = ImageNative.mti_open(path, page, subifd);
        VipsHandle? rgb = null;
        if (!raw.IsInvalid)
        {
            rgb = ImageNative.mti_to_rgb8(raw);
            if (!rgb.IsInvalid)
            {
                _raw.Add(raw);
                _rgb.Add(rgb);
                return raw.Info;
            }
        }

        string reason = VipsHandle.LastError;
        rgb?.Dispose();
        raw.Dispose();
        Dispose();
        throw new SlideException(reason);
    }

    // Sub-images of the first page (OME-TIFF, libvips) or further pages (classic pyramids) are levels when each is a whole-number reduction of the first.
    private void AddPyramid(in ImageNative.Info info, List<SlideLevel> levels, string path)
    {
        int count = info.SubIfds > 0 ? info.SubIfds : info.Pages - 1;
        bool sub = info.SubIfds > 0;
        for (int i = 0; i < Math.Min(count, 32); i++)
        {
            VipsHandle raw = sub ? ImageNative.mti_open(path, 0, i) : ImageNative.mti_open(path, i + 1, -1);
            if (raw.IsInvalid)
            {
                raw.Dispose();
                return;
            }

            ImageNative.Info next = raw.Info;
            SlideLevel last = levels[^1];
            double? whole = SlideLevel.DownsampleOf(levels[0], next.Width, next.Height);
            bool fits = whole > last.Downsample && next.Bands == info.Bands;
            VipsHandle? rgb = fits ? ImageNative.mti_to_rgb8(raw) : null;
            if (rgb is null || rgb.IsInvalid)
            {
                rgb?.Dispose();
                raw.Dispose();
                return;
            }

            _raw.Add(raw);
            _rgb.Add(rgb);
            levels.Add(new SlideLevel(next.Width, next.Height, whole!.Value));
        }
    }

    private PixelSize? ResolutionOf(in ImageNative.Info info)
    {
        // 1.0 pixel per mm is libvips' word for "the file does not say".
        if (info.PixelsPerMmX is <= 0 or 1.0 || info.PixelsPerMmY is <= 0 or 1.0)
            return null;
        if (Properties.TryGetValue("resolution-unit", out string? unit) && unit is not ("cm" or "in"))
            return null;
        return new PixelSize(1000 / info.PixelsPerMmX, 1000 / info.PixelsPerMmY, PixelSizeSource.ResolutionTag);
    }

    private Dictionary<string, string> ReadProperties()
    {
        var properties = new Dictionary<string, string>(StringComparer.Ordinal);
        IntPtr text = ImageNative.mti_metadata(_raw[0]);
        try
        {
            foreach (string line in (Marshal.PtrToStringUTF8(text) ?? string.Empty).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                int tab = line.IndexOf('\t', StringComparison.Ordinal);
                if (tab > 0)
                    properties[line[..tab]] = line[(tab + 1)..];
            }
        }
        finally
        {
            ImageNative.mti_free(text);
        }

        return properties;
    }
}
