using MathNet.Numerics;

namespace Microtome.Pathology;

/// <summary>A test statistic with its p value.</summary>
/// <param name="Statistic">Chi-square, or F.</param>
/// <param name="DegreesOfFreedom">Degrees of freedom.</param>
/// <param name="P">Probability of a statistic at least as large if there is no effect.</param>
public readonly record struct TestResult(double Statistic, double DegreesOfFreedom, double P)
{
    /// <summary>A statistic that follows chi-square.</summary>
    public static TestResult ChiSquare(double statistic, int degreesOfFreedom) =>
        new(statistic, degreesOfFreedom, statistic <= 0 ? 1 : SpecialFunctions.GammaUpperRegularized(degreesOfFreedom / 2.0, statistic / 2));

    /// <summary>A statistic that follows F.</summary>
    public static TestResult F(double statistic, int between, int within) =>
        // The upper tail itself: one less the distribution would lose small p values.
        new(statistic, between, SpecialFunctions.BetaRegularized(within / 2.0, between / 2.0, within / (within + (between * statistic))));
}
