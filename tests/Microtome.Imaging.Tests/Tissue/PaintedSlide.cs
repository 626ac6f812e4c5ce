namespace Microtome.Imaging.Tests.Tissue;

/// <summary>A slide from pixels in memory: one level.</summary>
internal sealed class PaintedSlide(RgbImage image, PixelSize? pixelSize) : ISlide
{
    public string Name => "painted";

    public string Path => "painted:";

    public string Format => "painted";

    public IReadOnlyList<SlideLevel> Levels => [new(image.Width, image.Height, 1)];

    public PixelSize? PixelSize => pixelSize;

    public IReadOnlyList<string> PixelSizeNotes => [];

    public IReadOnlyDictionary<string, string> Properties { get; } = new Dictionary<string, string>();

    public static PaintedSlide At(double mpp, RgbImage image) => new(image, new PixelSize(mpp, mpp, PixelSizeSource.User));

    public void ReadRegion(LevelRect region, RgbImage destination)
    {
        for (var y = 0; y < region.Height; y++)
        {
            var row = destination.Row(y);
            for (var x = 0; x < region.Width; x++)
            {
                var (u, v) = (region.X + x, region.Y + y);
                var inside = u >= 0 && v >= 0 && u < image.Width && v < image.Height;
                for (var c = 0; c < 3; c++)
                    row[(3 * x) + c] = inside ? image.Pixels[(((v * image.Width) + u) * 3) + c] : (byte)255;
            }
        }
    }

    public void Dispose()
    {
    }
}
