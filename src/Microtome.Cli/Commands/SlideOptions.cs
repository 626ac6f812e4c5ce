using System.CommandLine;
using System.Globalization;
using Microtome.Imaging;

namespace Microtome.Cli;

/// <summary>Arguments and options that commands on slides share.</summary>
internal static class SlideOptions
{
    /// <summary>One slide.</summary>
    public static Argument<string> Slide() => new("SLIDE") { Description = "A slide, an ordinary picture, or synthetic:WIDTHxHEIGHT." };

    /// <summary>One slide or more.</summary>
    public static Argument<string[]> Slides() => new("SLIDE") { Description = "Slides, ordinary pictures, or synthetic:WIDTHxHEIGHT.", Arity = ArgumentArity.OneOrMore };

    /// <summary>The pixel size that goes before what the file says.</summary>
    public static Option<string?> Mpp() => new("--mpp") { Description = "Size of the slide's level-0 pixels in microns, one number or X,Y; goes before what the file says.", HelpName = "X" };

    /// <summary>Opens the slide with the pixel size given.</summary>
    public static ISlide Open(string path, string? mpp) => Imaging.Slide.Open(path, ParsePixelSize(mpp));

    /// <summary>Reads "0.25" or "0.25,0.26".</summary>
    /// <exception cref="UsageException">The text is no number.</exception>
    public static PixelSize? ParsePixelSize(string? text)
    {
        if (text is null)
            return null;
        string[] parts = text.Split(',');
        if (parts.Length > 2 || !Parse(parts[0], out double x) || !Parse(parts[^1], out double y))
            throw new UsageException($"--mpp '{text}': it must be the microns per pixel, one number (0.25) or two (0.25,0.26).");
        var size = new PixelSize(x, y, PixelSizeSource.User);
        if (!size.IsPlausible)
            throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"--mpp '{text}': not plausible, a slide has {PixelSize.Smallest} to {PixelSize.Largest} um per pixel (0.25 at 40x, 0.5 at 20x)."));
        return size;
    }

    /// <summary>Writes a picture as the extension says.</summary>
    /// <exception cref="UsageException">The extension is neither .png nor .jpg.</exception>
    public static void Write(string path, RgbImage image, byte[]? icc)
    {
        byte[] bytes = Path.GetExtension(path).ToUpperInvariant() switch
        {
            ".PNG" => Encoder.Png(image, icc: icc),
            ".JPG" or ".JPEG" => Encoder.Jpeg(image, icc: icc),
            _ => throw new UsageException($"--output '{path}': the name must end in .png, .jpg or .jpeg."),
        };
        AtomicFile.WriteAllBytes(path, bytes);
    }

    private static bool Parse(string text, out double value) => double.TryParse(text.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);
}
