namespace Microtome.Imaging;

/// <summary>
/// Ink of marker pens by colour. Stained tissue takes green light more than red or blue, so its green is never the largest channel; blue ink has far less red
/// than green; red ink takes green and blue alike, where eosin leaves blue; black ink is dark in all channels.
/// </summary>
internal static class PenRules
{
    private const int DarkestBlack = 70;

    /// <summary>Whether a thumbnail pixel has the colour of ink.</summary>
    public static bool IsInk(byte red, byte green, byte blue)
    {
        int r = red, g = green, b = blue;
        var high = Math.Max(r, Math.Max(g, b));
        var chroma = high - Math.Min(r, Math.Min(g, b));
        if (high < DarkestBlack)
            return chroma < 25;
        var isGreen = g - r > 25 && g - b > -20 && chroma > 30;
        var isBlue = b - r > 60 && g - r > 22 && 2 * chroma > high;
        var isRed = r > 140 && r - g > 100 && r - b > 90 && Math.Abs(g - b) < 25;
        return isGreen || isBlue || isRed;
    }
}
