using Microtome.Imaging;

namespace Microtome.Learning.Tests;

/// <summary>A grid whose every pixel is a hash of its place: any shift, loss or repetition shows.</summary>
internal sealed class HashSource(long width, long height) : ITileSource
{
    private int reading;

    public long Width => width;

    public long Height => height;

    /// <summary>Reads that are running at once, at most.</summary>
    public int MostAtOnce { get; private set; }

    /// <summary>Called before each read.</summary>
    public Action<GridRect>? BeforeRead { get; init; }

    public static byte Value(long x, long y, int channel)
    {
        ulong h = ((ulong)x * 0x9E3779B97F4A7C15) ^ ((ulong)y * 0xC2B2AE3D27D4EB4F) ^ ((ulong)channel * 0x165667B19E3779F9);
        h ^= h >> 29;
        h *= 0xBF58476D1CE4E5B9;
        return (byte)(h >> 56);
    }

    public void Read(GridRect window, RgbImage destination)
    {
        int now = Interlocked.Increment(ref reading);
        lock (this)
            MostAtOnce = Math.Max(MostAtOnce, now);
        BeforeRead?.Invoke(window);
        for (int y = 0; y < window.Height; y++)
        {
            var row = destination.Row(y);
            for (int x = 0; x < window.Width; x++)
            {
                long gx = window.X + x, gy = window.Y + y;
                bool inside = gx >= 0 && gy >= 0 && gx < width && gy < height;
                for (int c = 0; c < 3; c++)
                    row[(x * 3) + c] = inside ? Value(gx, gy, c) : (byte)255;
            }
        }

        Interlocked.Decrement(ref reading);
    }
}
