namespace Microtome.Pathology;

/// <summary>The ratio of two patch sides as a fraction of whole numbers (section 3.3, step 1 of the method). Found for each slide: cohorts mix pixel sizes.</summary>
/// <param name="Numerator">Fine cells along a tumor patch.</param>
/// <param name="Denominator">Fine cells along a lymphocyte patch.</param>
public readonly record struct PatchRatio(int Numerator, int Denominator)
{
    private const double Near = 0.02;
    private const int LargestDenominator = 20;

    /// <summary>The fraction as a number.</summary>
    public double Value => (double)Numerator / Denominator;

    /// <summary>7/4, 7/2 or 21/2 when the ratio is within 0.02 of it; else the fraction of the smallest denominator that rounds to the same three digits, or the nearest with a denominator up to 20.</summary>
    public static PatchRatio Of(double ratio)
    {
        if (!(ratio is > 0 and < 1e6))
            throw new ArgumentOutOfRangeException(nameof(ratio), ratio, "The ratio of two patch sides is positive.");
        foreach (var known in (PatchRatio[])[new(7, 4), new(7, 2), new(21, 2)])
        {
            if (Math.Abs(ratio - known.Value) < Near)
                return known;
        }

        double unit = Math.Pow(10, Math.Floor(Math.Log10(ratio)) - 2), rounded = Math.Round(ratio / unit) * unit;
        var best = new PatchRatio(Math.Max(1, (int)Math.Round(rounded)), 1);
        for (int denominator = 1; denominator <= LargestDenominator; denominator++)
        {
            var candidate = new PatchRatio(Math.Max(1, (int)Math.Round(rounded * denominator)), denominator);
            if (Math.Abs(candidate.Value - rounded) < Math.Abs(best.Value - rounded) - 1e-12)
                best = candidate;
            if (Math.Abs(best.Value - rounded) < unit / 2)
                break;
        }

        return best;
    }
}
