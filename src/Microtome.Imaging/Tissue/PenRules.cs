namespace Microtome.Imaging;

/// <summary>
/// Ink of marker pens by colour. Stained tissue takes green light more than red or blue, so its green is never the largest channel; blue ink has far less red
/// than green; red ink takes green and blue alike, where eosin leaves blue; black ink is dark in all channels.
/// </summary>
public static class PenRules
{
    private const int DarkestBlack = 70;

    /// <summary>Whether a thumbnail pixel has the colour of ink.</summary>
    public static bool IsInk(byte red, byte green, byte blue)
    {
        var high = Math.Max(red, Math.Max(green, blue));
        return high < DarkestBlack ? high - Math.Min(red, Math.Min(green, blue)) < 25 : IsColouredInk(red, green, blue);
    }

    /// <summary>Whether a pixel, however small, has the colour of green, blue or red ink. Black is left out: a dark nucleus seen from near is black, too.</summary>
    public static bool IsColouredInk(byte red, byte green, byte blue)
    {
        int r = red, g = green, b = blue;
        var high = Math.Max(r, Math.Max(g, b));
        if (high < DarkestBlack)
            return false;
        var chroma = high - Math.Min(r, Math.Min(g, b));
        var isGreen = g - r > 25 && g - b > -20 && chroma > 30;
        var isBlue = b - r > 60 && g - r > 22 && 2 * chroma > high;
        var isRed = r > 140 && r - g > 100 && r - b > 90 && Math.Abs(g - b) < 25;
        return isGreen || isBlue || isRed;
    }
}
