using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace Microtome.Imaging;

/// <summary>
/// The JPEG tiles of a tiled TIFF (SVS, pyramidal TIFF, OME-TIFF) as they lie in the file, made into whole JPEG streams without decoding: the tables that the tiles share go
/// before each, and where the file says RGB an Adobe marker says so to the decoder (TIFF Technical Note 2; ITU-T T.872, section 6.5.3).
/// Levels whose tiles do not decode to what the slide's reader gives are left out, whatever the reason. Any thread may read.
/// </summary>
public sealed unsafe class StoredTiles : IDisposable
{
    private const int Jpeg = 7;
    private const int Rgb = 2;
    private const int Ycbcr = 6;
    private const int Grey = 1;

    // Mean difference of samples: decoders round differently and levels that are no exact reduction are blended; wrong colours or places differ by tens.
    private const double SameWithin = 4;

    // APP14: length 14, "Adobe", version 100, flags 0, flags 0, transform 0 (the three components are RGB).
    private static readonly byte[] s_adobeRgb = [0xff, 0xee, 0, 14, (byte)'A', (byte)'d', (byte)'o', (byte)'b', (byte)'e', 0, 100, 0, 0, 0, 0, 0];

    private readonly SafeFileHandle _file;
    private readonly Level?[] _levels;

    private StoredTiles(SafeFileHandle file, Level?[] levels) => (_file, _levels) = (file, levels);

    /// <summary>The tiles of a slide; null when no level of it has any that can be handed on.</summary>
    public static StoredTiles? TryOpen(ISlide slide)
    {
        // In these formats a level is a directory of the file, whole and unshifted.
        if (slide.Format is not ("aperio" or "generic-tiff" or "tiff"))
            return null;
        SafeFileHandle? file = null;
        StoredTiles? tiles = null;
        try
        {
            file = File.OpenHandle(slide.Path, options: FileOptions.RandomAccess);
            var directories = TiffDirectory.All(file);
            var levels = new Level?[slide.Levels.Count];
            tiles = new StoredTiles(file, levels);
            for (int i = 0; i < levels.Length; i++)
            {
                var (width, height) = (slide.Levels[i].Width, slide.Levels[i].Height);
                var fitting = directories.Where(d => d.Width == width && d.Height == height && d.TileWidth > 0).ToList();
                foreach (var level in fitting.Count == 1 ? LevelOf(fitting[0]) : [])
                {
                    levels[i] = level;
                    if (tiles.IsTrue(slide, i))
                        break;
                    levels[i] = null;
                }
            }

            return levels.Any(l => l is not null) ? tiles : null;
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException or OverflowException or SlideException)
        {
            return null;
        }
        finally
        {
            if (tiles?._levels.All(l => l is null) != false)
                file?.Dispose();
        }
    }

    /// <summary>The size of a level's tiles in pixels; null when its tiles cannot be handed on.</summary>
    public (int Width, int Height)? TileSize(int level) => _levels[level] is { } l ? (l.TileWidth, l.TileHeight) : null;

    /// <summary>Whether a tile lies wholly inside its level. Those at the right and lower border are padded in the file.</summary>
    public bool IsWhole(int level, long column, long row) =>
        _levels[level] is { } l && column >= 0 && row >= 0 && (column + 1) * l.TileWidth <= l.Width && (row + 1) * l.TileHeight <= l.Height;

    /// <summary>A tile as a JPEG stream, always of the full tile size; null when the file holds none at this place.</summary>
    /// <exception cref="SlideException">The file has become shorter or cannot be read.</exception>
    public byte[]? Read(int level, long column, long row)
    {
        if (_levels[level] is not { } l || column < 0 || row < 0 || column >= l.Across || row >= l.Down)
            return null;
        long index = (row * l.Across) + column;
        long length = l.Lengths[index];
        if (length < 4)
            return null;
        byte[] head = l.Head;
        byte[] jpeg = new byte[head.Length + length - 2];
        try
        {
            // The tile's own SOI is replaced by the head, which has one.
            int first = head.Length - 2;
            for (int done = 0; done < length;)
            {
                int read = RandomAccess.Read(_file, jpeg.AsSpan(first + done), l.Offsets[index] + done);
                if (read == 0)
                    throw new SlideException($"A tile of level {level} lies beyond the end of the file: the file is damaged.");
                done += read;
            }

            if (jpeg[first] != 0xff || jpeg[first + 1] != 0xd8)
                throw new SlideException($"Tile {column}, {row} of level {level} is damaged: it does not begin as a JPEG.");
        }
        catch (IOException e)
        {
            throw new SlideException($"A tile cannot be read: {e.Message}", e);
        }

        head.CopyTo(jpeg, 0);
        return jpeg;
    }

    /// <summary>
    /// Reads a part of a level at 1/2, 1/4 or 1/8 of its size straight from its tiles: JPEG decodes at these sizes for a fraction of the work. A pixel is close to the mean of
    /// the pixels that it covers. Where the level ends inside a pixel, the neighbour before it is repeated.
    /// </summary>
    /// <param name="level">The level.</param>
    /// <param name="shrink">2, 4 or 8.</param>
    /// <param name="region">The part, in pixels of the smaller size; it lies inside the level.</param>
    /// <param name="threads">Tiles that are decoded at the same time.</param>
    /// <returns>The pixels; null when the tiles do not allow it or are damaged.</returns>
    public RgbImage? ReadShrunk(int level, int shrink, GridRect region, int threads = 1)
    {
        if (_levels[level] is not { } l || l.TileWidth % shrink != 0 || l.TileHeight % shrink != 0)
            return null;
        var (width, height) = (l.TileWidth / shrink, l.TileHeight / shrink);
        long x0 = region.X / width, x1 = (region.X + region.Width - 1) / width;
        long y0 = region.Y / height, y1 = (region.Y + region.Height - 1) / height;
        if (region.X < 0 || region.Y < 0 || x1 >= l.Across || y1 >= l.Down)
            return null;
        var image = new RgbImage(region.Width, region.Height);
        bool complete = true; // Whatever stands against it, the slide's reader says it better.
        int across = (int)(x1 - x0 + 1);
        Parallel.For(0, checked(across * (int)(y1 - y0 + 1)), new ParallelOptions { MaxDegreeOfParallelism = threads }, i =>
        {
            var (column, row) = (x0 + (i % across), y0 + (i / across));
            if (!complete || TryRead(level, column, row) is not { } jpeg)
            {
                complete = false;
                return;
            }

            byte[] tile = ArrayPool<byte>.Shared.Rent(width * height * 3);
            try
            {
                if (!TryDecode(jpeg, shrink, width, height, tile))
                {
                    complete = false;
                    return;
                }

                int fromX = (int)Math.Max(region.X, column * width), toX = (int)Math.Min(region.X + region.Width, (column + 1) * width);
                int fromY = (int)Math.Max(region.Y, row * height), toY = (int)Math.Min(region.Y + region.Height, (row + 1) * height);
                for (int y = fromY; y < toY; y++)
                    tile.AsSpan((int)(((y - (row * height)) * width) + fromX - (column * width)) * 3, (toX - fromX) * 3).CopyTo(image.Row((int)(y - region.Y))[(int)((fromX - region.X) * 3)..]);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(tile);
            }
        });
        if (!complete)
            return null;
        // The file pads its last tiles with anything.
        if (l.Width % shrink != 0 && (region.X + region.Width) * shrink > l.Width && region.Width > 1)
        {
            for (int y = 0; y < image.Height; y++)
                image.Row(y)[^6..^3].CopyTo(image.Row(y)[^3..]);
        }

        if (l.Height % shrink != 0 && (region.Y + region.Height) * shrink > l.Height && region.Height > 1)
            image.Row(image.Height - 2).CopyTo(image.Row(image.Height - 1));
        return image;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static bool TryDecode(byte[] jpeg, int shrink, int width, int height, byte[] pixels)
    {
        fixed (byte* from = jpeg)
        fixed (byte* to = pixels)
            return ImageNative.mti_decode_jpeg(from, (nuint)jpeg.Length, shrink, width, height, to) == 0;
    }

    private byte[]? TryRead(int level, long column, long row)
    {
        try
        {
            return Read(level, column, row);
        }
        catch (SlideException)
        {
            return null;
        }
    }

    // As the tag says; where it says RGB also without our word to the decoder, for streams that are YCbCr all the same (see MislabelledJpeg).
    private static Level[] LevelOf(TiffDirectory d)
    {
        bool colour = d.SamplesPerPixel == 3 && d.Photometric is Rgb or Ycbcr;
        bool grey = d.SamplesPerPixel == 1 && d.Photometric == Grey;
        if (d.Compression != Jpeg || !(colour || grey) || d.PlanarConfiguration != 1 || d.Orientation != 1 || d.BitsPerSample != 8 || d.TileWidth is < 16 or > 4096 || d.TileHeight is < 16 or > 4096)
            return [];
        byte[] tables = d.JpegTables();
        bool rgb = colour && d.Photometric == Rgb;
        var level = new Level(d.Width, d.Height, (int)d.TileWidth, (int)d.TileHeight, d.TileOffsets(), d.TileLengths(), Head(tables, rgb));
        if (level.Offsets.Length != level.Across * level.Down || level.Lengths.Length != level.Offsets.Length || !level.Lengths.All(n => n is >= 0 and < 1 << 26))
            return [];
        return rgb ? [level, level with { Head = Head(tables, false) }] : [level];
    }

    private static byte[] Head(byte[] tables, bool rgb)
    {
        ReadOnlySpan<byte> body = tables;
        if (body.Length >= 4 && body[0] == 0xff && body[1] == 0xd8)
            body = body[2..];
        if (body.Length >= 2 && body[^2] == 0xff && body[^1] == 0xd9)
            body = body[..^2];
        return [0xff, 0xd8, .. rgb ? s_adobeRgb : [], .. body];
    }

    // The tile with most bytes shows most: decoded by itself it must look as the slide's reader shows the place.
    private bool IsTrue(ISlide slide, int index)
    {
        var level = _levels[index]!;
        long best = -1;
        for (long i = 0; i < level.Lengths.Length; i++)
        {
            if (IsWhole(index, i % level.Across, i / level.Across) && (best < 0 || level.Lengths[i] > level.Lengths[best]))
                best = i;
        }

        if (best < 0)
            return false;
        var (column, row) = (best % level.Across, best / level.Across);
        if (Read(index, column, row) is not { } jpeg)
            return false;
        var decoded = ImageFile.DecodeRgb(jpeg, slide.Path);
        if (decoded.Width != level.TileWidth || decoded.Height != level.TileHeight)
            return false;
        var read = slide.ReadRegion(new LevelRect(index, column * level.TileWidth, row * level.TileHeight, level.TileWidth, level.TileHeight));
        long sum = 0;
        for (int i = 0; i < read.Pixels.Length; i++)
            sum += Math.Abs(read.Pixels[i] - decoded.Pixels[i]);
        return sum <= SameWithin * read.Pixels.Length;
    }

    private sealed record Level(long Width, long Height, int TileWidth, int TileHeight, long[] Offsets, long[] Lengths, byte[] Head)
    {
        public long Across { get; } = (Width + TileWidth - 1) / TileWidth;

        public long Down { get; } = (Height + TileHeight - 1) / TileHeight;
    }
}
