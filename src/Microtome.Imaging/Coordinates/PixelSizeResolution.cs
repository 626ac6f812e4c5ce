using System.Globalization;

namespace Microtome.Imaging;

/// <summary>Decides on the pixel size from everything that a file says about it, and reports what contradicts.</summary>
internal static class PixelSizeResolution
{
    /// <summary>Values that differ by more than this share contradict each other.</summary>
    public const double Tolerance = 0.02;

    /// <summary>A magnification is a nominal figure; only a difference beyond this factor is worth a word.</summary>
    private const double MagnificationTolerance = 1.6;

    /// <summary>Reads the properties as OpenSlide names them: the vendor's mpp, then the TIFF resolution tags; the magnification is only a hint.</summary>
    public static (PixelSize? Size, IReadOnlyList<string> Notes) FromProperties(IReadOnlyDictionary<string, string> properties, PixelSize? given)
    {
        PixelSize? vendor = null;
        double? x = Number(properties, "openslide.mpp-x");
        double? y = Number(properties, "openslide.mpp-y");
        if (x is not null || y is not null)
            vendor = new PixelSize(x ?? y!.Value, y ?? x!.Value, PixelSizeSource.Vendor);
        PixelSize? tag = FromTags(Number(properties, "tiff.XResolution"), Number(properties, "tiff.YResolution"), properties.GetValueOrDefault("tiff.ResolutionUnit"));
        double? magnification = Number(properties, "openslide.objective-power");
        return Resolve(given, vendor, tag, magnification);
    }

    /// <summary>The pixel size of TIFF resolution tags; null without a physical unit. Values below 10 pixels per unit are placeholders.</summary>
    public static PixelSize? FromTags(double? perUnitX, double? perUnitY, string? unit)
    {
        double? microns = unit switch
        {
            "centimeter" or "cm" => 10_000,
            "inch" or "in" => 25_400,
            _ => null,
        };
        if (microns is not { } length || perUnitX is not > 0 || perUnitY is not > 0)
            return null;
        return new PixelSize(length / perUnitX.Value, length / perUnitY.Value, PixelSizeSource.ResolutionTag);
    }

    /// <summary>Takes the most trusted value that is plausible and says in notes what was passed over and what disagrees.</summary>
    public static (PixelSize? Size, IReadOnlyList<string> Notes) Resolve(PixelSize? given, PixelSize? vendor, PixelSize? tag, double? magnification)
    {
        var notes = new List<string>();
        PixelSize? chosen = null;
        foreach (PixelSize? candidate in (ReadOnlySpan<PixelSize?>)[given, vendor, tag])
        {
            if (candidate is null)
                continue;
            if (!candidate.IsPlausible)
            {
                // A screen's 72 or 96 dpi in an ordinary picture is no statement about the specimen: no note.
                if (candidate.Source != PixelSizeSource.ResolutionTag)
                    notes.Add(string.Create(CultureInfo.InvariantCulture, $"{Describe(candidate)} is not plausible (expected {PixelSize.Smallest} to {PixelSize.Largest} um per pixel) and is not used."));
                continue;
            }

            if (chosen is null)
                chosen = candidate;
            else if (Differ(chosen.X, candidate.X) || Differ(chosen.Y, candidate.Y))
                notes.Add($"{Describe(chosen)} is used, but {Describe(candidate)}.");
        }

        if (chosen is not null && Differ(chosen.X, chosen.Y))
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"The pixels are not square: {chosen.X:0.####} um wide, {chosen.Y:0.####} um high."));
        if (magnification is > 0)
        {
            double nominal = 10 / magnification.Value;
            if (chosen is null)
                notes.Add(string.Create(CultureInfo.InvariantCulture, $"The file gives no pixel size; its magnification of {magnification:0.##}x suggests about {nominal:0.###} um per pixel. Pass --mpp {nominal:0.###} if that is right."));
            else if (chosen.Mean / nominal is > MagnificationTolerance or < 1 / MagnificationTolerance)
                notes.Add(string.Create(CultureInfo.InvariantCulture, $"{Describe(chosen)} is used, but the magnification of {magnification:0.##}x suggests about {nominal:0.###} um per pixel."));
        }

        return (chosen, notes);
    }

    private static bool Differ(double a, double b) => Math.Abs(a - b) > Tolerance * Math.Max(Math.Abs(a), Math.Abs(b));

    private static string Describe(PixelSize size)
    {
        string from = size.Source switch
        {
            PixelSizeSource.User => "the --mpp given",
            PixelSizeSource.Vendor => "the scanner's mpp",
            PixelSizeSource.ResolutionTag => "the resolution tag",
            PixelSizeSource.Magnification => "the magnification",
            _ => "the synthetic slide",
        };
        return size.X.Equals(size.Y)
            ? string.Create(CultureInfo.InvariantCulture, $"{from} says {size.X:0.####} um per pixel")
            : string.Create(CultureInfo.InvariantCulture, $"{from} says {size.X:0.####} x {size.Y:0.####} um per pixel");
    }

    private static double? Number(IReadOnlyDictionary<string, string> properties, string name) =>
        properties.TryGetValue(name, out string? text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) ? value : null;
}
