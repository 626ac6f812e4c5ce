namespace Microtome.Imaging;

/// <summary>A fixed, even choice of places on tissue: no chance, the same for every run.</summary>
internal static class TissuePlaces
{
    /// <summary>Up to <paramref name="most"/> squares of a fixed lattice, evenly spaced among those with enough tissue.</summary>
    /// <param name="tissue">The tissue.</param>
    /// <param name="grid">The grid on which the squares lie.</param>
    /// <param name="side">Side of a square, grid pixels.</param>
    /// <param name="most">How many are wanted.</param>
    /// <param name="share">Squares with less tissue do not count, unless there are no others.</param>
    public static IReadOnlyList<GridRect> Choose(TissueMask tissue, AnalysisGrid grid, int side, int most, double share)
    {
        var columns = (long)Math.Ceiling(tissue.Mask.Width * tissue.Grid.ScaleX / grid.ScaleX / side);
        var rows = (long)Math.Ceiling(tissue.Mask.Height * tissue.Grid.ScaleY / grid.ScaleY / side);
        var good = new List<GridRect>();
        var some = new List<GridRect>();
        for (long y = 0; y < rows; y++)
        {
            for (long x = 0; x < columns; x++)
            {
                var place = new GridRect(x * side, y * side, side, side);
                var coverage = tissue.Coverage(OnSlide(grid, place));
                if (coverage >= share)
                    good.Add(place);
                else if (coverage > 0)
                    some.Add(place);
            }
        }

        var from = good.Count > 0 ? good : some;
        var count = Math.Min(most, from.Count);
        return [.. Enumerable.Range(0, count).Select(i => from[(int)(((2L * i) + 1) * from.Count / (2 * count))])];
    }

    /// <summary>The place in level-0 pixels, rounded outwards.</summary>
    public static Level0Rect OnSlide(AnalysisGrid grid, GridRect place)
    {
        long left = (long)Math.Floor(place.X * grid.ScaleX), top = (long)Math.Floor(place.Y * grid.ScaleY);
        long right = (long)Math.Ceiling((place.X + place.Width) * grid.ScaleX), bottom = (long)Math.Ceiling((place.Y + place.Height) * grid.ScaleY);
        return new Level0Rect(left, top, right - left, bottom - top);
    }

    /// <summary>The pixels of the tissue mask that the place touches.</summary>
    public static PixelBox OnMask(TissueMask tissue, AnalysisGrid grid, GridRect place)
    {
        var rect = OnSlide(grid, place);
        int left = Column(Math.Floor(rect.X / tissue.Grid.ScaleX)), right = Column(Math.Ceiling(rect.Right / tissue.Grid.ScaleX));
        int top = Row(Math.Floor(rect.Y / tissue.Grid.ScaleY)), bottom = Row(Math.Ceiling(rect.Bottom / tissue.Grid.ScaleY));
        return new PixelBox(left, top, right - left, bottom - top);

        int Column(double x) => (int)Math.Clamp(x, 0, tissue.Mask.Width);
        int Row(double y) => (int)Math.Clamp(y, 0, tissue.Mask.Height);
    }
}
