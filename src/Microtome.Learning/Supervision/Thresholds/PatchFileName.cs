using System.Globalization;
using Microtome.Imaging;

namespace Microtome.Learning.Supervision.Thresholds;

/// <summary>The published name of a labelled patch: <c>SLIDE_X_Y_PX_PY_SIDE_LABEL.png</c> (til-thresholds, section 3.2). The slide's name may hold underscores itself.</summary>
/// <param name="Slide">The slide.</param>
/// <param name="X">Left edge of the super-patch, level-0 pixels.</param>
/// <param name="Y">Top edge, level-0 pixels.</param>
/// <param name="MapX">Column of the patch in the map.</param>
/// <param name="MapY">Row of the patch in the map.</param>
/// <param name="Side">Side of the super-patch, level-0 pixels.</param>
/// <param name="Label">1 = lymphocytes, 0 = none.</param>
public sealed record PatchFileName(string Slide, double X, double Y, int MapX, int MapY, double Side, int Label)
{
    private const int Fields = 7;

    /// <summary>Reads a name, with or without folder and ending.</summary>
    /// <exception cref="SlideException">It is none of this kind.</exception>
    public static PatchFileName Parse(string path)
    {
        var parts = Path.GetFileNameWithoutExtension(path).Split('_');
        var head = parts.Length - Fields + 1;
        if (head < 1 || parts[0].Length == 0 || !Number(parts[head], out var x) || !Number(parts[head + 1], out var y) || !Whole(parts[head + 2], out var mapX)
            || !Whole(parts[head + 3], out var mapY) || !Number(parts[head + 4], out var side))
            throw new SlideException($"{path}: a labelled patch is named SLIDE_X_Y_PX_PY_SIDE_LABEL.png, numbers behind the slide.");
        if (parts[^1] is not ("0" or "1"))
            throw new SlideException($"{path}: the label, behind the last underscore, is '{parts[^1]}'; 1 is lymphocytes, 0 none.");
        return new PatchFileName(string.Join('_', parts[..head]), x, y, mapX, mapY, side, parts[^1] == "1" ? 1 : 0);
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Slide}_{X}_{Y}_{MapX}_{MapY}_{Side}_{Label}.png");

    private static bool Number(string text, out double value) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);

    private static bool Whole(string text, out int value) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
}
