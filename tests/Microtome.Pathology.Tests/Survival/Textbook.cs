namespace Microtome.Pathology.Tests;

/// <summary>Data sets of textbooks and of the documentation of R's survival package (facts; the numbers that R prints for them are in the tests).</summary>
internal static class Textbook
{
    /// <summary>Remission of acute leukaemia in weeks, Freireich et al. 1963: 21 pairs of 6-mercaptopurine (group 0) and placebo (group 1).</summary>
    public static (SurvivalData Data, int[] Placebo) Freireich => Two(
        [6, 6, 6, -6, 7, -9, 10, -10, -11, 13, 16, -17, -19, -20, 22, 23, -25, -32, -32, -34, -35],
        [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]);

    /// <summary>Acute myelogenous leukaemia, Miller 1981: maintained (0) and not maintained (1); <c>survival::aml</c>.</summary>
    public static (SurvivalData Data, int[] NotMaintained) Aml => Two(
        [9, 13, -13, 18, 23, -28, 31, 34, -45, 48, -161],
        [5, 5, 8, 8, 12, -16, 23, 27, 30, 33, 43, 45]);

    /// <summary>Ovarian cancer, Edmunson et al. 1979; <c>survival::ovarian</c>: time, age, treatment.</summary>
    public static (SurvivalData Data, double[] Age, double[] Treatment) Ovarian
    {
        get
        {
            (double Time, double Age, double Rx)[] rows =
            [
                (59, 72.3315, 1), (115, 74.4932, 1), (156, 66.4658, 1), (-421, 53.3644, 2), (431, 50.3397, 1), (-448, 56.4301, 1), (464, 56.9370, 2), (475, 59.8548, 2), (-477, 64.1753, 1),
                (563, 55.1781, 2), (638, 56.7562, 1), (-744, 50.1096, 2), (-769, 59.6301, 2), (-770, 57.0521, 2), (-803, 39.2712, 1), (-855, 43.1233, 1), (-1040, 38.8932, 1), (-1106, 44.6000, 1),
                (-1129, 53.9068, 2), (-1206, 44.2055, 2), (-1227, 59.5890, 2), (268, 74.5041, 1), (329, 43.1370, 1), (353, 63.2192, 2), (365, 64.4247, 2), (-377, 58.3096, 2),
            ];
            return (Make([.. rows.Select(static r => r.Time)]), [.. rows.Select(static r => r.Age)], [.. rows.Select(static r => r.Rx)]);
        }
    }

    // Censored times are written negative.
    private static SurvivalData Make(double[] times) => new([.. times.Select(Math.Abs)], [.. times.Select(static t => t > 0)]);

    private static (SurvivalData, int[]) Two(double[] first, double[] second) =>
        (Make([.. first, .. second]), [.. first.Select(static _ => 0), .. second.Select(static _ => 1)]);
}
