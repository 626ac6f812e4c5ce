namespace Microtome.Server;

/// <summary>The largest picture of one answer (Image API 3.0, section 5.2).</summary>
internal static class IiifLimits
{
    public const int Side = 4096;

    public const long Area = 4096L * 4096;

    /// <summary>The largest size of these proportions that keeps the limits, never larger than the size itself.</summary>
    public static (long Width, long Height) Fit(double width, double height)
    {
        double scale = Math.Min(1, Math.Min(Side / Math.Max(width, height), Math.Sqrt(Area / (width * height))));
        return ((long)Math.Max(1, Math.Floor((width * scale) + 1e-6)), (long)Math.Max(1, Math.Floor((height * scale) + 1e-6)));
    }
}
