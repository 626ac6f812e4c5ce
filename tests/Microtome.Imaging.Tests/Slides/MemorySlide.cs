namespace Microtome.Imaging.Tests;

/// <summary>A slide over pictures in memory, for tests that need to know every pixel.</summary>
internal sealed class MemorySlide(params RgbImage[] levels) : ISlide, IColourProfile
{
    public string Name => "memory";

    public string Path => "memory:";

    public string Format => "memory";

    public IReadOnlyList<SlideLevel> Levels { get; } = [.. levels.Select(l => new SlideLevel(l.Width, l.Height, levels[0].Width / (double)l.Width))];

    public PixelSize? PixelSize { get; init; } = new(0.25, 0.25, PixelSizeSource.User);

    public IReadOnlyList<string> PixelSizeNotes => [];

    public IReadOnlyDictionary<string, string> Properties { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public byte[]? IccProfile { get; init; }

    public Func<LevelRect, Exception?> FailAt { get; init; } = static _ => null;

    public void ReadRegion(LevelRect region, RgbImage destination)
    {
        if (FailAt(region) is { } failure)
            throw failure;
        for (int y = 0; y < region.Height; y++)
        {
            for (int x = 0; x < region.Width; x++)
            {
                for (int c = 0; c < 3; c++)
                    destination.Pixels[(((y * region.Width) + x) * 3) + c] = Sample(region.Level, region.X + x, region.Y + y, c);
            }
        }
    }

    public byte Sample(int level, long x, long y, int c)
    {
        RgbImage image = levels[level];
        return x < 0 || y < 0 || x >= image.Width || y >= image.Height ? (byte)255 : image.Pixels[(((y * image.Width) + x) * 3) + c];
    }

    public void Dispose()
    {
    }
}
