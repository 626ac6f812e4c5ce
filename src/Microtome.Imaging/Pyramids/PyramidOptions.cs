namespace Microtome.Imaging;

/// <summary>How a pyramid is written.</summary>
public sealed record PyramidOptions
{
    /// <summary>The part of the slide to write, level-0 pixels; the whole slide when null. What lies outside the slide is white.</summary>
    public Level0Rect? Region { get; init; }

    /// <summary>Side of a tile in pixels, a multiple of 16 for TIFF. Default 256.</summary>
    public int Tile { get; init; } = 256;

    /// <summary>JPEG quality, 1 to 100. Default 90.</summary>
    public int Quality { get; init; } = Encoder.DefaultQuality;

    /// <summary>TIFF: how tiles are stored. Default JPEG.</summary>
    public TiffCompression Compression { get; init; } = TiffCompression.Jpeg;

    /// <summary>Deep Zoom: pixels that neighbouring tiles share on each side. Default 1.</summary>
    public int Overlap { get; init; } = 1;

    /// <summary>Threads that read and encode. Default: one a core.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Told the percentage done, from a writer's thread.</summary>
    public IProgress<int>? Progress { get; init; }

    /// <summary>Names the value that is out of range.</summary>
    /// <exception cref="UsageException">A value is out of range.</exception>
    internal void Check(ISlide slide, bool tiff)
    {
        if (Tile is < 16 or > 8192 || (tiff && Tile % 16 != 0))
            throw new UsageException($"A tile of {Tile} pixels cannot be written: use {(tiff ? "a multiple of 16 " : string.Empty)}from 16 to 8192.");
        if (Quality is < 1 or > 100)
            throw new UsageException($"A JPEG quality of {Quality} does not exist: use 1 to 100.");
        if (Overlap < 0 || Overlap >= Tile)
            throw new UsageException($"An overlap of {Overlap} pixels does not fit tiles of {Tile}.");
        Level0Rect area = Region ?? slide.Bounds();
        if (area.Width < 1 || area.Height < 1 || area.Width > 10_000_000 || area.Height > 10_000_000)
            throw new UsageException($"A region of {area.Width} x {area.Height} pixels cannot be written: sides are 1 to 10,000,000.");
    }
}
