using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>The nuclei of the focus squares and of a margin around them, to find nearest neighbours without holding the slide.</summary>
internal sealed class NeighbourSample
{
    private const double Touching = 1.05;

    // The fullest squares decide nothing more: 20,000 nuclei in a square of 128 um are no nuclei.
    private const int MostPerSquare = 20_000;

    private readonly Dictionary<(long X, long Y), int> squareOf = [];
    private readonly List<(double X, double Y, double Radius, bool Core)>[] nuclei;
    private readonly double sideX;
    private readonly double sideY;
    private readonly PixelSize pixelSize;
    private readonly double margin;

    public NeighbourSample(QualityTiles tiles, PixelSize pixelSize, double marginMicrons)
    {
        this.pixelSize = pixelSize;
        margin = marginMicrons;
        sideX = QualityTiles.Side * tiles.Grid.ScaleX;
        sideY = QualityTiles.Side * tiles.Grid.ScaleY;
        nuclei = new List<(double, double, double, bool)>[tiles.Squares.Count];
        for (int i = 0; i < nuclei.Length; i++)
        {
            nuclei[i] = [];
            squareOf[(tiles.Squares[i].X / QualityTiles.Side, tiles.Squares[i].Y / QualityTiles.Side)] = i;
        }
    }

    /// <summary>Notes a nucleus if it lies in a square or near one.</summary>
    public void Add(double x, double y, double areaUm2)
    {
        double marginX = margin / pixelSize.X, marginY = margin / pixelSize.Y;
        long left = (long)Math.Floor((x - marginX) / sideX), right = (long)Math.Floor((x + marginX) / sideX);
        long top = (long)Math.Floor((y - marginY) / sideY), bottom = (long)Math.Floor((y + marginY) / sideY);
        var own = ((long)Math.Floor(x / sideX), (long)Math.Floor(y / sideY));
        for (long v = top; v <= bottom; v++)
        {
            for (long u = left; u <= right; u++)
            {
                if (squareOf.TryGetValue((u, v), out int square) && nuclei[square].Count < MostPerSquare)
                    nuclei[square].Add((x * pixelSize.X, y * pixelSize.Y, Math.Sqrt(Math.Max(0, areaUm2) / Math.PI), own == (u, v)));
            }
        }
    }

    /// <summary>Counts the distances of the squares' nuclei; those without a neighbour within the margin count at the margin.</summary>
    public (int Neighbours, int Touching) Measure(QualityHistogram log2Microns)
    {
        int count = 0, touching = 0;
        foreach (var members in nuclei)
        {
            // From left to right: a neighbour lies within the margin along x.
            members.Sort();
            for (int i = 0; i < members.Count; i++)
            {
                var a = members[i];
                if (!a.Core)
                    continue;
                double best = margin * margin, bestRadius = 0;
                for (int side = -1; side <= 1; side += 2)
                {
                    for (int j = i + side; j >= 0 && j < members.Count; j += side)
                    {
                        double dx = members[j].X - a.X, dy = members[j].Y - a.Y, squared = (dx * dx) + (dy * dy);
                        if (dx * dx > best)
                            break;
                        if (squared < best || (squared == best && members[j].Radius > bestRadius))
                            (best, bestRadius) = (squared, members[j].Radius);
                    }
                }

                double distance = Math.Sqrt(best);
                count++;
                touching += bestRadius > 0 && distance <= Touching * (a.Radius + bestRadius) ? 1 : 0;
                log2Microns.Add(Math.Log2(Math.Max(distance, 1e-6)));
            }
        }

        return (count, touching);
    }
}
