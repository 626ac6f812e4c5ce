using Microtome.Imaging;

namespace Microtome.Cli;

/// <summary>Fields of view laid side by side on glass, 10 x 10 of the size of the first, each in turn: a slide of real tissue of any wanted size for measurements.</summary>
internal sealed class FieldMosaic : ISlide
{
    private const int Side = 10;
    private const int Margin = 500;
    private const byte Glass = 245;

    private readonly RgbImage[] fields;
    private readonly int width;
    private readonly int height;

    /// <summary>Reads the JPEG pictures of the folders.</summary>
    /// <exception cref="SlideException">There is none.</exception>
    public FieldMosaic(IReadOnlyList<string> folders, double mpp)
    {
        fields = [.. folders.SelectMany(static folder => Directory.EnumerateFiles(folder, "*.jpg").Order(StringComparer.Ordinal)).Select(ImageFile.ReadRgb)];
        if (fields.Length == 0)
            throw new SlideException($"{string.Join(", ", folders)}: there is no picture *.jpg.");
        (width, height) = (fields[0].Width, fields[0].Height);
        Levels = [new SlideLevel((Side * width) + (2 * Margin), (Side * height) + (2 * Margin), 1)];
        PixelSize = new PixelSize(mpp, mpp, PixelSizeSource.User);
    }

    public string Name => "fields";

    public string Path => "fields";

    public string Format => "mosaic";

    public IReadOnlyList<SlideLevel> Levels { get; }

    public PixelSize? PixelSize { get; }

    public IReadOnlyList<string> PixelSizeNotes => [];

    public IReadOnlyDictionary<string, string> Properties { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public void ReadRegion(LevelRect region, RgbImage destination)
    {
        destination.Pixels.AsSpan().Fill(Glass);
        for (var y = 0; y < region.Height; y++)
        {
            for (var x = 0; x < region.Width; x++)
            {
                var (u, v) = (region.X + x - Margin, region.Y + y - Margin);
                if (u < 0 || v < 0 || u >= Side * width || v >= Side * height)
                    continue;
                var field = fields[(int)(((v / height * Side) + (u / width)) % fields.Length)];
                var (fx, fy) = ((int)(u % width), (int)(v % height));
                if (fx < field.Width && fy < field.Height)
                    field.Row(fy).Slice(3 * fx, 3).CopyTo(destination.Row(y)[(3 * x)..]);
            }
        }
    }

    public void Dispose()
    {
    }
}
