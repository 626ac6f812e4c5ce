using System.CommandLine;
using System.Globalization;
using Microtome.Imaging;

namespace Microtome.Cli;

/// <summary><c>--region X,Y,WIDTH,HEIGHT</c> in level-0 pixels.</summary>
internal static class SlideRegionOption
{
    public static Option<string?> Create() => new("--region") { Description = "Only this part, level-0 pixels.", HelpName = "X,Y,W,H" };

    /// <exception cref="UsageException">The text is not four whole numbers with positive sides.</exception>
    public static Level0Rect? Parse(string? text)
    {
        if (text is null)
            return null;
        string[] parts = text.Split(',');
        long[] values = new long[4];
        bool good = parts.Length == 4;
        for (int i = 0; good && i < 4; i++)
            good = long.TryParse(parts[i].Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out values[i]);
        if (!good || values[2] < 1 || values[3] < 1)
            throw new UsageException($"--region '{text}': it must be four whole numbers X,Y,WIDTH,HEIGHT with positive sides.");
        return new Level0Rect(values[0], values[1], values[2], values[3]);
    }
}
