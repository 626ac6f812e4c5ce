namespace Microtome.Imaging;

/// <summary>What every reader does with a region before it reads: check it, fill the outside white, find the part inside.</summary>
internal static class SlideRegions
{
    /// <summary>Fills <paramref name="destination"/> white where the region lies outside the level.</summary>
    /// <returns>The part inside the level, or null when there is none.</returns>
    /// <exception cref="ArgumentException">Level or sizes do not fit.</exception>
    public static LevelRect? Clip(IReadOnlyList<SlideLevel> levels, LevelRect region, RgbImage destination)
    {
        if (region.Level < 0 || region.Level >= levels.Count)
            throw new ArgumentOutOfRangeException(nameof(region), region.Level, $"The slide has levels 0 to {levels.Count - 1}.");
        if (region.Width != destination.Width || region.Height != destination.Height)
            throw new ArgumentException($"The region is {region.Width} x {region.Height} but the destination is {destination.Width} x {destination.Height}.", nameof(destination));
        SlideLevel level = levels[region.Level];

        // Saturating, so that a region at the far end of the number range is simply outside.
        long left = Math.Max(region.X, 0);
        long top = Math.Max(region.Y, 0);
        long right = Math.Min(End(region.X, region.Width), level.Width);
        long bottom = Math.Min(End(region.Y, region.Height), level.Height);
        if (left >= right || top >= bottom)
        {
            destination.Pixels.AsSpan().Fill(255);
            return null;
        }

        var inside = new LevelRect(region.Level, left, top, (int)(right - left), (int)(bottom - top));
        if (inside != region)
            destination.Pixels.AsSpan().Fill(255);
        return inside;
    }

    private static long End(long start, int length) => start > long.MaxValue - length ? long.MaxValue : start + length;
}
