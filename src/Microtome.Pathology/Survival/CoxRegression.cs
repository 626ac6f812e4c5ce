using MathNet.Numerics;
using MathNet.Numerics.LinearAlgebra;

namespace Microtome.Pathology;

/// <summary>
/// Cox's proportional hazards regression (1972), fitted by Newton-Raphson with halved steps. Covariates are centred and scaled inside, which changes nothing but the rounding.
/// </summary>
public sealed class CoxRegression
{
    private const int MostSteps = 60;

    // A standardised effect of this size is a hazard ratio of some 10^6 per standard deviation: the likelihood has no maximum.
    private const double Infinite = 14;

    private CoxRegression(CoxLikelihood likelihood, IReadOnlyList<string> names, SurvivalData data, double[] centre, double[] scale, Vector<double> beta, Vector<double> score, Matrix<double> start, CoxLikelihood.Value best, double empty)
    {
        // Where the likelihood has no maximum, the information vanishes on the way there.
        double[] errors = Invert(best.Information) is { } inverse
            ? [.. names.Select((_, j) => Math.Sqrt(inverse[j, j]))]
            : [.. names.Select(static _ => double.PositiveInfinity)];
        Coefficients = [.. names.Select((name, j) =>
        {
            double error = errors[j], z = beta[j] / error;
            return new CoxCoefficient(name, beta[j] / scale[j], error / scale[j], SpecialFunctions.Erfc(Math.Abs(z) / Math.Sqrt(2)));
        })];
        Subjects = data.Count;
        Events = data.EventCount;
        LogLikelihood = best.LogLikelihood;
        NullLogLikelihood = empty;
        LikelihoodRatio = TestResult.ChiSquare(2 * (best.LogLikelihood - empty), names.Count);
        Wald = TestResult.ChiSquare(beta * best.Information * beta, names.Count);
        Score = TestResult.ChiSquare(score * start.Cholesky().Solve(score), names.Count);
        Concordance = SurvivalConcordance.Of(data, likelihood.LinearPredictor(beta));
        Centre = centre;
        Warnings = [.. names.Where((_, j) => Math.Abs(beta[j]) > Infinite || errors[j] > Infinite)
            .Select(static name => $"{name}: the hazard ratio has no finite estimate, since this covariate separates the events from the others. Its numbers mean nothing; leave it out or join its levels.")];
    }

    /// <summary>The lines of the model, in the order of the covariates.</summary>
    public IReadOnlyList<CoxCoefficient> Coefficients { get; }

    /// <summary>Subjects.</summary>
    public int Subjects { get; }

    /// <summary>Events.</summary>
    public int Events { get; }

    /// <summary>Log partial likelihood at the estimate.</summary>
    public double LogLikelihood { get; }

    /// <summary>Log partial likelihood of the model without covariates.</summary>
    public double NullLogLikelihood { get; }

    /// <summary>Likelihood-ratio test of the whole model.</summary>
    public TestResult LikelihoodRatio { get; }

    /// <summary>Wald test of the whole model.</summary>
    public TestResult Wald { get; }

    /// <summary>Score test of the whole model.</summary>
    public TestResult Score { get; }

    /// <summary>Harrell's concordance of the linear predictor; null without a comparable pair.</summary>
    public double? Concordance { get; }

    /// <summary>Means of the covariates, about which the linear predictor is centred.</summary>
    public double[] Centre { get; }

    /// <summary>What to know before relying on it.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>Fits.</summary>
    /// <param name="data">The subjects.</param>
    /// <param name="names">The covariates.</param>
    /// <param name="covariates">Shape [covariates][subjects].</param>
    /// <param name="ties">Events at the same time.</param>
    /// <exception cref="SurvivalException">There is no event, a covariate is constant or follows from others, or the fit does not converge.</exception>
    public static CoxRegression Fit(SurvivalData data, IReadOnlyList<string> names, IReadOnlyList<double[]> covariates, TieHandling ties = TieHandling.Efron)
    {
        if (names.Count == 0 || names.Count != covariates.Count || covariates.Any(c => c.Length != data.Count))
            throw new ArgumentException("Each covariate has a name and a number for each subject.", nameof(covariates));
        if (data.EventCount == 0)
            throw new SurvivalException($"None of the {data.Count} subjects has the event: there is nothing to fit. Is 1 = event in the event column?");
        int p = names.Count;
        double[] centre = new double[p], scale = new double[p];
        double[][] scaled = new double[p][];
        for (int j = 0; j < p; j++)
        {
            double mean = centre[j] = covariates[j].Average();
            scale[j] = Math.Sqrt(covariates[j].Average(x => (x - mean) * (x - mean)));
            if (!(scale[j] > 1e-12 * Math.Max(1, Math.Abs(mean))))
                throw new SurvivalException($"'{names[j]}' is the same for all {data.Count} subjects of the model: it has no hazard ratio. Leave it out.");
            scaled[j] = [.. covariates[j].Select(x => (x - mean) / scale[j])];
        }

        var likelihood = new CoxLikelihood(data, scaled, ties);
        var beta = Vector<double>.Build.Dense(p);
        var now = likelihood.At(beta);
        var (empty, score, start) = (now.LogLikelihood, now.Score, now.Information);
        CheckRank(now.Information, names);
        for (int step = 0; ; step++)
        {
            if (Invert(now.Information) is not { } inverse)
                break;
            var move = inverse * now.Score;
            if (Math.Abs(move * now.Score) < 1e-18 * Math.Max(1, Math.Abs(now.LogLikelihood)) || step == MostSteps || beta.AbsoluteMaximum() > 2 * Infinite)
                break;
            var next = likelihood.At(beta + move);
            for (int half = 0; half < 40 && !(next.LogLikelihood >= now.LogLikelihood - 1e-12); half++)
            {
                move /= 2;
                next = likelihood.At(beta + move);
            }

            if (!(next.LogLikelihood >= now.LogLikelihood - 1e-9))
                break;
            beta += move;
            now = next;
        }

        return new CoxRegression(likelihood, names, data, centre, scale, beta, score, start, now, empty);
    }

    // A pivot near zero on the standardised scale: the covariate is a sum of those before it.
    private static void CheckRank(Matrix<double> information, IReadOnlyList<string> names)
    {
        int p = names.Count;
        double[,] l = new double[p, p];
        for (int j = 0; j < p; j++)
        {
            double pivot = information[j, j];
            for (int k = 0; k < j; k++)
                pivot -= l[j, k] * l[j, k];
            if (!(pivot > 1e-9 * information[j, j]) || !(pivot > 1e-9))
                throw new SurvivalException($"'{names[j]}' follows from the other covariates of the model (or no event falls on it): they cannot be told apart. Leave one out.");
            l[j, j] = Math.Sqrt(pivot);
            for (int i = j + 1; i < p; i++)
            {
                double sum = information[i, j];
                for (int k = 0; k < j; k++)
                    sum -= l[i, k] * l[j, k];
                l[i, j] = sum / l[j, j];
            }
        }
    }

    private static Matrix<double>? Invert(Matrix<double> information)
    {
        try
        {
            var inverse = information.Cholesky().Solve(Matrix<double>.Build.DenseIdentity(information.RowCount));
            return inverse.Diagonal().All(static v => v is > 0 and < double.MaxValue) ? inverse : null;
        }
        catch (ArgumentException)
        {
            // MathNet's word for a matrix that is not positive definite.
            return null;
        }
    }
}
