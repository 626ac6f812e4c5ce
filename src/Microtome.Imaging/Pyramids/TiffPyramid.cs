using System.IO.Compression;

namespace Microtome.Imaging;

/// <summary>
/// Halves a slide again and again while it is read once from top to bottom. Each level holds one strip of tiles; a full strip is encoded in parallel,
/// written in order, and halved into the strip of the next level. Memory: 8/3 strips, whatever the height.
/// </summary>
internal sealed class TiffPyramid
{
    private readonly ISlide _slide;
    private readonly Level0Rect _area;
    private readonly PyramidOptions _options;
    private readonly TiffContainer _file;
    private readonly CancellationToken _cancellation;
    private readonly List<PyramidLevel> _levels = [];

    public TiffPyramid(ISlide slide, Level0Rect area, PyramidOptions options, TiffContainer file, CancellationToken cancellation)
    {
        _slide = slide;
        _area = area;
        _options = options;
        _file = file;
        _cancellation = cancellation;
        int width = (int)area.Width;
        int height = (int)area.Height;
        int downsample = 1;
        _levels.Add(new PyramidLevel(width, height, downsample, options.Tile));
        while (Math.Max(width, height) > options.Tile && Math.Min(width, height) > 1)
        {
            // The odd last row or column is left out, so that every pixel is the mean of four.
            width /= 2;
            height /= 2;
            downsample *= 2;
            _levels.Add(new PyramidLevel(width, height, downsample, options.Tile));
        }
    }

    public void Write()
    {
        PyramidLevel full = _levels[0];
        for (int row = 0; row < full.Rows; row++)
        {
            int y = row * _options.Tile;
            int rows = Math.Min(_options.Tile, full.Height - y);
            ForEachColumn(full, (x, width) =>
            {
                var part = new RgbImage(width, rows);
                _slide.ReadRegion(new LevelRect(0, _area.X + x, _area.Y + y, width, rows), part);
                for (int r = 0; r < rows; r++)
                    part.Row(r).CopyTo(full.Strip.AsSpan(((r * full.Width) + x) * 3));
            });
            full.Filled = rows;
            Flush(0);
            _options.Progress?.Report((row + 1) * 100 / full.Rows);
        }

        _file.Finish(_levels);
    }

    // Writes the strip of a level and hands its half to the next.
    private void Flush(int number)
    {
        PyramidLevel level = _levels[number];
        byte[][] encoded = new byte[level.Columns][];
        ForEachColumn(level, (x, width) => encoded[x / _options.Tile] = Encode(level, x, width));
        for (int column = 0; column < encoded.Length; column++)
            _file.Append(level, (level.Written * level.Columns) + column, encoded[column]);
        level.Written++;
        int filled = level.Filled;
        level.Filled = 0;
        if (number + 1 == _levels.Count)
            return;

        PyramidLevel next = _levels[number + 1];
        int rows = Math.Min(filled / 2, next.Height - (next.Written * _options.Tile) - next.Filled);
        for (int r = 0; r < rows; r++)
        {
            Halve(
                level.Strip.AsSpan(2 * r * level.Width * 3, level.Width * 3),
                level.Strip.AsSpan(((2 * r) + 1) * level.Width * 3, level.Width * 3),
                next.Strip.AsSpan((next.Filled + r) * next.Width * 3, next.Width * 3));
        }

        next.Filled += rows;
        bool last = (next.Written * _options.Tile) + next.Filled == next.Height;
        if (next.Filled == _options.Tile || (last && next.Filled > 0))
            Flush(number + 1);
    }

    private void ForEachColumn(PyramidLevel level, Action<int, int> body)
    {
        try
        {
            Parallel.For(0, level.Columns, new ParallelOptions { CancellationToken = _cancellation, MaxDegreeOfParallelism = _options.Threads }, column =>
            {
                int x = column * _options.Tile;
                body(x, Math.Min(_options.Tile, level.Width - x));
            });
        }
        catch (AggregateException e)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }

    private byte[] Encode(PyramidLevel level, int x, int width)
    {
        int side = _options.Tile;
        var tile = new RgbImage(side, side);
        for (int r = 0; r < side; r++)
        {
            // Beyond the edge the last pixels are repeated: nobody sees them, and JPEG does not ring.
            Span<byte> row = tile.Row(r);
            level.Strip.AsSpan(((Math.Min(r, level.Filled - 1) * level.Width) + x) * 3, width * 3).CopyTo(row);
            for (int i = width * 3; i < row.Length; i++)
                row[i] = row[i - 3];
        }

        return _options.Compression switch
        {
            TiffCompression.Jpeg => Encoder.Jpeg(tile, _options.Quality),
            TiffCompression.Deflate => Deflate(tile),
            _ => tile.Pixels,
        };
    }

    private static byte[] Deflate(RgbImage tile)
    {
        // Predictor 2: differences to the pixel on the left.
        byte[] differences = new byte[tile.Pixels.Length];
        for (int y = 0; y < tile.Height; y++)
        {
            Span<byte> row = tile.Row(y);
            Span<byte> target = differences.AsSpan(y * row.Length, row.Length);
            row[..3].CopyTo(target);
            for (int i = 3; i < row.Length; i++)
                target[i] = (byte)(row[i] - row[i - 3]);
        }

        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            zlib.Write(differences);
        return packed.ToArray();
    }

    private static void Halve(ReadOnlySpan<byte> upper, ReadOnlySpan<byte> lower, Span<byte> target)
    {
        for (int i = 0, s = 0; i + 2 < target.Length; i += 3, s += 6)
        {
            target[i] = (byte)((upper[s] + upper[s + 3] + lower[s] + lower[s + 3] + 2) >> 2);
            target[i + 1] = (byte)((upper[s + 1] + upper[s + 4] + lower[s + 1] + lower[s + 4] + 2) >> 2);
            target[i + 2] = (byte)((upper[s + 2] + upper[s + 5] + lower[s + 2] + lower[s + 5] + 2) >> 2);
        }
    }
}
