using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>
/// The cells of a grid of patches along one axis, found from the patches' centres. Files round centres to pixels (174, 520, 867, ... are 346.5 apart), so a cell's index is the rank of its
/// coordinate, gaps counted, and never the coordinate divided by a rounded step.
/// </summary>
/// <param name="Start">Where cell 0 begins, level-0 pixels; not zero in general.</param>
/// <param name="Step">The true distance of two cells, level-0 pixels.</param>
/// <param name="NominalStep">The distance as files state it: the patch's width, or the first difference of the rounded centres.</param>
/// <param name="Count">Cells.</param>
/// <param name="Uncertainty">How far rounding may have put an edge off its true place, level-0 pixels; 0 for grids that are known exactly.</param>
public sealed record PatchAxis(double Start, double Step, double NominalStep, int Count, double Uncertainty = 0)
{
    // Rounding to pixels moves a centre by half a pixel at most; two grids of tiles may add up.
    private const double Tolerance = 1.5;

    private const int MostCells = 1 << 16;

    /// <summary>Where a cell begins, level-0 pixels.</summary>
    public double Edge(int cell) => Start + (cell * Step);

    /// <summary>Finds the axis and the cell of each patch.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="name">The axis, for messages.</param>
    /// <param name="centres">The patches' centres, level-0 pixels.</param>
    /// <param name="side">The patch's side if the file states it.</param>
    /// <param name="otherStep">The step to take when all patches lie in one cell.</param>
    /// <param name="cells">The cell of each patch.</param>
    /// <exception cref="SlideException">The centres lie on no regular grid.</exception>
    public static PatchAxis Find(string path, string name, double[] centres, double? side, double? otherStep, out int[] cells)
    {
        double[] unique = [.. centres.Distinct().Order()];
        double nominal = side ?? FirstStep(unique) ?? otherStep
            ?? throw new SlideException($"{path} holds one patch of unknown size: the distance of patches cannot be told from it. Give a CSV with width and height.");
        double step = TypicalStep(unique, nominal) ?? side ?? otherStep ?? nominal;
        // Patches that nowhere lie side by side show a multiple of the step; ones that overlap show less than their side.
        if (side is { } stated && step > stated * 0.98)
            step = stated;
        int[] index = new int[unique.Length];
        double running = step;
        for (int i = 1; i < unique.Length; i++)
        {
            index[i] = index[i - 1] + (int)Math.Min(MostCells, Math.Round((unique[i] - unique[i - 1]) / running));
            if (index[i] >= MostCells)
                throw new SlideException($"{path}: along {name} the patches reach from {unique[0]} to {unique[i]} px at {running:0.##} px a patch; no slide is that large. Are the columns in order?");
            if (index[i] >= 8)
                running = (unique[i] - unique[0]) / index[i];
        }

        int last = index[^1];
        if (last > 0)
            step = (unique[^1] - unique[0]) / last;
        double origin = MiddleOrigin(unique, index, step);
        double allowed = Math.Max(Tolerance, step * 0.02), farthest = 0;
        for (int i = 0; i < unique.Length; i++)
        {
            double off = Math.Abs(unique[i] - origin - (index[i] * step));
            farthest = Math.Max(farthest, off);
            if (off > allowed)
                throw new SlideException($"{path}: the patch at {name} = {unique[i]:0.##} lies on no cell of the grid of {step:0.##} px that the others lie on. A map needs patches at equal distances.");
        }

        var places = new Dictionary<double, int>(unique.Length);
        for (int i = 0; i < unique.Length; i++)
            places[unique[i]] = index[i];
        cells = Array.ConvertAll(centres, c => places[c]);
        // A file of centres without sizes has rounded the centres, whether it shows or not.
        double uncertainty = (side is null ? 0.5 : 0) + (farthest < 1e-6 ? 0 : farthest);
        return new PatchAxis(origin - (step / 2), step, nominal, last + 1, uncertainty);
    }

    // The first difference that is more than rounding.
    private static double? FirstStep(double[] unique)
    {
        for (int i = 1; i < unique.Length; i++)
        {
            if (unique[i] - unique[i - 1] > 2 * Tolerance)
                return unique[i] - unique[i - 1];
        }

        return null;
    }

    // The median of the differences near the smallest real one: gaps of several cells and centres that differ by rounding are left out.
    private static double? TypicalStep(double[] unique, double nominal)
    {
        double least = Math.Min(2 * Tolerance, nominal / 4);
        double[] differences = [.. unique.Zip(unique.Skip(1), static (a, b) => b - a).Where(d => d > least).Order()];
        if (differences.Length == 0)
            return null;
        double[] near = [.. differences.TakeWhile(d => d <= differences[0] + (2 * Tolerance))];
        return near.Average();
    }

    // The centre of cell 0 that fits best: the middle of the residuals' range.
    private static double MiddleOrigin(double[] unique, int[] index, double step)
    {
        double low = double.MaxValue, high = double.MinValue;
        for (int i = 0; i < unique.Length; i++)
        {
            double origin = unique[i] - (index[i] * step);
            low = Math.Min(low, origin);
            high = Math.Max(high, origin);
        }

        return (low + high) / 2;
    }
}
