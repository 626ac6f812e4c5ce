using System.Globalization;
using Microtome.Imaging;

namespace Microtome.Server;

/// <summary>
/// A request of the IIIF Image API 3.0 in numbers (sections 4.1 to 4.5). What the specification calls an error is a <see cref="RequestException"/> with status 400 and a sentence.
/// </summary>
/// <param name="Region">Level-0 pixels, inside the picture.</param>
/// <param name="Width">Pixels of the scaled region.</param>
/// <param name="Height">Pixels of the scaled region.</param>
/// <param name="Mirror">Left and right exchanged, before the rotation.</param>
/// <param name="Quarters">Quarter turns clockwise.</param>
/// <param name="Quality">color, gray or bitonal.</param>
/// <param name="Format">jpg or png.</param>
/// <param name="Canonical">The canonical form (section 4.8), percent-encoded.</param>
internal sealed record IiifRequest(Level0Rect Region, int Width, int Height, bool Mirror, int Quarters, string Quality, string Format, string Canonical)
{
    /// <summary>Reads the parameters.</summary>
    /// <param name="full">The picture's size.</param>
    /// <param name="region">The first parameter.</param>
    /// <param name="size">The second.</param>
    /// <param name="rotation">The third.</param>
    /// <param name="quality">The fourth.</param>
    /// <param name="format">The last.</param>
    /// <exception cref="RequestException">A parameter is wrong.</exception>
    public static IiifRequest Parse((long Width, long Height) full, string region, string size, string rotation, string quality, string format)
    {
        var area = RegionOf(full, region);
        var (width, height) = SizeOf(area, size);
        bool mirror = rotation.StartsWith('!');
        int quarters = QuartersOf(mirror ? rotation[1..] : rotation, rotation);
        if (quality is not ("default" or "color" or "gray" or "bitonal"))
            throw RequestException.Bad("quality: there are default, color, gray and bitonal.");
        if (format is not ("jpg" or "png"))
            throw RequestException.Bad("format: there are jpg and png.");
        bool whole = area == new Level0Rect(0, 0, full.Width, full.Height);
        var most = IiifLimits.Fit(area.Width, area.Height);
        bool up = width > area.Width || height > area.Height;
        string canonical = string.Create(
            CultureInfo.InvariantCulture,
            $"{(whole ? "full" : $"{area.X},{area.Y},{area.Width},{area.Height}")}/{((width, height) == most ? "max" : $"{(up ? "%5E" : string.Empty)}{width},{height}")}/{(mirror ? "!" : string.Empty)}{quarters * 90}/{(quality == "color" ? "default" : quality)}.{format}");
        return new IiifRequest(area, (int)width, (int)height, mirror, quarters, quality == "default" ? "color" : quality, format, canonical);
    }

    private static Level0Rect RegionOf((long Width, long Height) full, string text)
    {
        double x, y, right, bottom;
        if (text == "full")
            return new Level0Rect(0, 0, full.Width, full.Height);
        if (text == "square")
        {
            long side = Math.Min(full.Width, full.Height);
            return new Level0Rect((full.Width - side) / 2, (full.Height - side) / 2, side, side);
        }

        if (text.StartsWith("pct:", StringComparison.Ordinal))
        {
            double[] parts = Numbers(text[4..], 4, Real) ?? throw BadRegion();
            (x, y) = (Math.Round(parts[0] / 100 * full.Width), Math.Round(parts[1] / 100 * full.Height));
            (right, bottom) = (Math.Round((parts[0] + parts[2]) / 100 * full.Width), Math.Round((parts[1] + parts[3]) / 100 * full.Height));
        }
        else
        {
            double[] parts = Numbers(text, 4, Whole) ?? throw BadRegion();
            (x, y, right, bottom) = (parts[0], parts[1], parts[0] + parts[2], parts[1] + parts[3]);
        }

        right = Math.Min(right, full.Width);
        bottom = Math.Min(bottom, full.Height);
        if (x >= right || y >= bottom)
            throw RequestException.Bad($"region: it has no pixel inside the picture of {full.Width} x {full.Height} pixels.");
        return new Level0Rect((long)x, (long)y, (long)(right - x), (long)(bottom - y));
    }

    private static (long Width, long Height) SizeOf(Level0Rect area, string text)
    {
        bool up = text.StartsWith('^');
        string form = up ? text[1..] : text;
        double width, height;
        if (form == "max")
        {
            if (!up)
                return IiifLimits.Fit(area.Width, area.Height);
            // As large as the limits allow.
            double factor = IiifLimits.Side / (double)Math.Max(area.Width, area.Height);
            return IiifLimits.Fit(area.Width * factor, area.Height * factor);
        }

        if (form.StartsWith('!'))
        {
            double[] box = Numbers(form[1..], 2, Whole) ?? throw BadSize();
            double scale = Math.Min(box[0] / area.Width, box[1] / area.Height);
            if (!up)
                scale = Math.Min(scale, 1);
            scale = Math.Min(scale, Math.Min(IiifLimits.Side / (double)Math.Max(area.Width, area.Height), Math.Sqrt(IiifLimits.Area / (double)area.Width / area.Height)));
            width = Math.Floor((area.Width * scale) + 1e-6);
            height = Math.Floor((area.Height * scale) + 1e-6);
            // A long thin region keeps one pixel of its width.
            return scale <= 0 ? throw BadSize() : ((long)Math.Max(1, width), (long)Math.Max(1, height));
        }

        if (form.StartsWith("pct:", StringComparison.Ordinal))
        {
            double percent = Numbers(form[4..], 1, Real)?[0] ?? throw BadSize();
            if (percent > 100 && !up)
                throw RequestException.Bad("size: more than 100 per cent needs a ^ before it.");
            width = Math.Round(area.Width * percent / 100);
            height = Math.Round(area.Height * percent / 100);
        }
        else
        {
            string[] parts = form.Split(',');
            if (parts.Length != 2 || (parts[0].Length == 0 && parts[1].Length == 0))
                throw BadSize();
            double? w = parts[0].Length == 0 ? null : Whole(parts[0]) ?? throw BadSize();
            double? h = parts[1].Length == 0 ? null : Whole(parts[1]) ?? throw BadSize();
            width = w ?? Math.Max(1, Math.Round(area.Width * h!.Value / area.Height));
            height = h ?? Math.Max(1, Math.Round(area.Height * w!.Value / area.Width));
            if (w == 0 || h == 0)
                throw RequestException.Bad("size: a picture has at least one pixel.");
        }

        if (width < 1 || height < 1)
            throw RequestException.Bad("size: a picture has at least one pixel.");
        if (!up && (width > area.Width || height > area.Height))
            throw RequestException.Bad($"size: it is larger than the region of {area.Width} x {area.Height} pixels; to enlarge, write ^ before it.");
        if (width > IiifLimits.Side || height > IiifLimits.Side || width * height > IiifLimits.Area)
            throw RequestException.Bad($"size: sides of {IiifLimits.Side} and {IiifLimits.Area} pixels altogether are the limit (maxWidth, maxHeight and maxArea of info.json).");
        return ((long)width, (long)height);
    }

    private static int QuartersOf(string text, string all) =>
        Real(text) is { } degrees && degrees % 90 == 0 && degrees <= 360 ? (int)(degrees / 90) % 4 : throw RequestException.Bad($"rotation: '{Shown(all)}' is none of 0, 90, 180 and 270, with or without ! before it.");

    private static double[]? Numbers(string text, int count, Func<string, double?> read)
    {
        string[] parts = text.Split(',');
        if (parts.Length != count)
            return null;
        double?[] numbers = [.. parts.Select(read)];
        return numbers.All(n => n is not null) ? [.. numbers.Select(n => n!.Value)] : null;
    }

    // Digits alone: no sign, no space, no exponent. So large that nothing overflows later.
    private static double? Whole(string text) => text.Length is > 0 and < 16 && text.All(char.IsAsciiDigit) ? double.Parse(text, CultureInfo.InvariantCulture) : null;

    private static double? Real(string text) =>
        text.Length is > 0 and < 32 && text.All(c => char.IsAsciiDigit(c) || c == '.') && double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) && value < 1e15 ? value : null;

    private static string Shown(string text) => new([.. text.Take(40).Select(c => char.IsControl(c) ? '?' : c)]);

    private static RequestException BadRegion() => RequestException.Bad("region: write full, square, x,y,w,h in pixels, or pct:x,y,w,h; without signs.");

    private static RequestException BadSize() => RequestException.Bad("size: write max, w,h or w, or ,h or !w,h or pct:n, and ^ before it to enlarge.");
}
