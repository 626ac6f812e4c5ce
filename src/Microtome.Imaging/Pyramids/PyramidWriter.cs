using System.Globalization;
using System.Runtime.InteropServices;

namespace Microtome.Imaging;

/// <summary>
/// Writes slides as pyramids that others read, streaming: memory depends on the slide's width and the tile side only.
/// A file or folder appears under its name when it is complete.
/// </summary>
public static unsafe class PyramidWriter
{
    // Below this many samples a classic TIFF (offsets up to 4 GiB) holds even an uncompressed pyramid (4/3 of level 0).
    private const double ClassicTiffSamples = 3.0e9;

    /// <summary>Writes a tiled TIFF with halved levels; BigTIFF when it could pass 4 GiB. Resolution and ICC profile go along.</summary>
    /// <exception cref="SlideException">The slide cannot be read.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; nothing is left.</exception>
    public static void WriteTiff(ISlide slide, string path, PyramidOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new PyramidOptions();
        options.Check(slide, tiff: true);
        Level0Rect area = options.Region ?? slide.Bounds();
        if (area.Width * options.Tile * 3 > Array.MaxLength)
            throw new UsageException($"A slide of {area.Width} pixels width with tiles of {options.Tile} does not fit into memory; use smaller tiles.");
        AtomicFile.Write(path, temporary =>
        {
            using var stream = new FileStream(temporary, FileMode.Create, FileAccess.ReadWrite, FileShare.Read, 1 << 16);
            var file = new TiffContainer(stream, (double)area.Width * area.Height * 3 * 4 / 3 > ClassicTiffSamples)
            {
                Compression = options.Compression,
                Tile = options.Tile,
                Subsampled = options.Compression == TiffCompression.Jpeg && options.Quality < Encoder.FullChromaFrom,
                PixelSize = slide.PixelSize,
                Icc = (slide as IColourProfile)?.IccProfile,
                Description = Describe(slide),
            };
            new TiffPyramid(slide, area, options, file, cancellation).Write();
        });
    }

    /// <summary>
    /// Writes a Deep Zoom pyramid: <c>NAME_files/</c>, then <c>NAME.dzi</c>. The descriptor is renamed last, so that where it stands, its tiles stand.
    /// </summary>
    /// <param name="slide">The slide.</param>
    /// <param name="path">The descriptor's path, with or without <c>.dzi</c>.</param>
    /// <param name="options">How to write.</param>
    /// <param name="cancellation">Stops the writing.</param>
    /// <returns>The path of the descriptor.</returns>
    /// <exception cref="SlideException">The slide cannot be read.</exception>
    /// <exception cref="IOException">The folder cannot be written, or its name is taken.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; nothing is left.</exception>
    public static string WriteDeepZoom(ISlide slide, string path, PyramidOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new PyramidOptions { Tile = 254 };
        options.Check(slide, tiff: false);
        string full = Path.GetFullPath(path);
        if (full.EndsWith(".dzi", StringComparison.OrdinalIgnoreCase))
            full = full[..^4];
        string folder = Path.GetDirectoryName(full) ?? throw new UsageException($"{path} names no file.");
        Directory.CreateDirectory(folder);
        string descriptor = full + ".dzi";
        string tiles = full + "_files";
        string temporary = AtomicFile.TemporaryBeside(full);
        Directory.CreateDirectory(temporary);
        try
        {
            var write = new ImageNative.WriteOptions { Quality = options.Quality, Tile = options.Tile, Overlap = options.Overlap };
            string inside = Path.Combine(temporary, "pyramid");
            Run(slide, options.Region ?? slide.Bounds(), write, options, inside, cancellation);
            File.Delete(Path.Combine(inside + "_files", "vips-properties.xml"));
            File.Delete(descriptor);
            if (Directory.Exists(tiles))
                Directory.Move(tiles, Path.Combine(temporary, "old"));
            Directory.Move(inside + "_files", tiles);
            File.Move(inside + ".dzi", descriptor, overwrite: true);
        }
        finally
        {
            Directory.Delete(temporary, recursive: true);
        }

        return descriptor;
    }

    private static void Run(ISlide slide, Level0Rect area, ImageNative.WriteOptions write, PyramidOptions options, string temporary, CancellationToken cancellation)
    {
        var source = new Source(slide, area, options.Progress, cancellation);
        GCHandle context = GCHandle.Alloc(source);
        byte[]? icc = (slide as IColourProfile)?.IccProfile;
        try
        {
            if (slide.PixelSize is { } size)
            {
                write.PixelsPerMmX = 1000 / size.X;
                write.PixelsPerMmY = 1000 / size.Y;
            }

            fixed (byte* profile = icc)
            {
                write.Icc = profile;
                write.IccSize = (nuint)(icc?.Length ?? 0);
                using VipsHandle image = ImageNative.mti_from_callback((int)area.Width, (int)area.Height, 3, &Read, GCHandle.ToIntPtr(context));
                if (image.IsInvalid)
                    throw new SlideException($"The pyramid cannot be made: {VipsHandle.LastError}.");
                if (ImageNative.mti_write_deepzoom(image, temporary, write, &Progress, GCHandle.ToIntPtr(context)) == 0)
                    return;
            }

            string reason = VipsHandle.LastError;
            cancellation.ThrowIfCancellationRequested();
            if (source.Failure is { } failure)
                throw failure is SlideException ? new SlideException(failure.Message, failure) : new IOException(failure.Message, failure);
            throw new IOException($"The pyramid cannot be written: {reason}.");
        }
        finally
        {
            context.Free();
        }
    }

    private static string Describe(ISlide slide)
    {
        string mpp = slide.PixelSize is { } size ? string.Create(CultureInfo.InvariantCulture, $"; mpp {size.X:R} x {size.Y:R}") : string.Empty;
        return $"Microtome pyramid of {slide.Name} ({slide.Format}){mpp}";
    }

    [UnmanagedCallersOnly]
    private static int Read(IntPtr context, int x, int y, int width, int height, byte* destination)
    {
        var source = (Source)GCHandle.FromIntPtr(context).Target!;
        try
        {
            if (source.Failure is not null || source.Cancellation.IsCancellationRequested)
                return 1;
            var image = new RgbImage(width, height);
            source.Slide.ReadRegion(new LevelRect(0, source.Area.X + x, source.Area.Y + y, width, height), image);
            image.Pixels.CopyTo(new Span<byte>(destination, image.Pixels.Length));
            return 0;
        }
        catch (Exception e)
        {
            source.Failure ??= e;
            return 1;
        }
    }

    [UnmanagedCallersOnly]
    private static int Progress(IntPtr context, int percent)
    {
        var source = (Source)GCHandle.FromIntPtr(context).Target!;
        try
        {
            source.Progress?.Report(percent);
        }
        catch (Exception e)
        {
            source.Failure ??= e;
        }

        return source.Failure is not null || source.Cancellation.IsCancellationRequested ? 1 : 0;
    }

    private sealed class Source(ISlide slide, Level0Rect area, IProgress<int>? progress, CancellationToken cancellation)
    {
        public ISlide Slide { get; } = slide;

        public Level0Rect Area { get; } = area;

        public IProgress<int>? Progress { get; } = progress;

        public CancellationToken Cancellation { get; } = cancellation;

        public Exception? Failure { get; set; }
    }
}
