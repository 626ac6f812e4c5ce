using MathNet.Numerics.LinearAlgebra;

namespace Microtome.Pathology;

/// <summary>Cox's log partial likelihood with its score and information, for a given treatment of ties.</summary>
internal sealed class CoxLikelihood
{
    private readonly double[][] _x;
    private readonly int[] _order;
    private readonly SurvivalData _data;
    private readonly TieHandling _ties;

    public CoxLikelihood(SurvivalData data, double[][] covariates, TieHandling ties)
    {
        _data = data;
        _x = covariates;
        _ties = ties;
        // From the last time to the first: the sums over those at risk only grow.
        _order = [.. Enumerable.Range(0, data.Count).OrderByDescending(i => data.Times[i])];
    }

    /// <summary>Value and derivatives.</summary>
    public readonly record struct Value(double LogLikelihood, Vector<double> Score, Matrix<double> Information);

    /// <summary>The linear predictor of each subject.</summary>
    public double[] LinearPredictor(Vector<double> beta)
    {
        double[] eta = new double[_data.Count];
        for (int j = 0; j < _x.Length; j++)
        {
            for (int i = 0; i < eta.Length; i++)
                eta[i] += beta[j] * _x[j][i];
        }

        return eta;
    }

    /// <summary>At one place.</summary>
    public Value At(Vector<double> beta)
    {
        int p = _x.Length;
        double[] eta = LinearPredictor(beta);
        // A common factor of all risks cancels; without it large predictors overflow.
        double shift = eta.Max(), logLikelihood = 0;
        var score = Vector<double>.Build.Dense(p);
        var information = Matrix<double>.Build.Dense(p, p);
        var risk = new Sums(p);
        var tied = new Sums(p);
        for (int at = 0; at < _order.Length;)
        {
            int end = at;
            tied.Clear();
            int events = 0;
            for (; end < _order.Length && _data.Times[_order[end]] == _data.Times[_order[at]]; end++)
            {
                int i = _order[end];
                double weight = Math.Exp(eta[i] - shift);
                risk.Add(_x, i, weight);
                if (!_data.Events[i])
                    continue;
                events++;
                tied.Add(_x, i, weight);
                logLikelihood += eta[i] - shift;
                for (int j = 0; j < p; j++)
                    score[j] += _x[j][i];
            }

            for (int k = 0; k < events; k++)
            {
                double share = _ties == TieHandling.Efron ? (double)k / events : 0;
                double s0 = risk.Zero - (share * tied.Zero);
                logLikelihood -= Math.Log(s0);
                for (int a = 0; a < p; a++)
                {
                    double mean = (risk.First[a] - (share * tied.First[a])) / s0;
                    score[a] -= mean;
                    for (int b = 0; b <= a; b++)
                    {
                        double other = (risk.First[b] - (share * tied.First[b])) / s0;
                        information[a, b] += ((risk.Second[a, b] - (share * tied.Second[a, b])) / s0) - (mean * other);
                    }
                }
            }

            at = end;
        }

        for (int a = 0; a < p; a++)
        {
            for (int b = 0; b < a; b++)
                information[b, a] = information[a, b];
        }

        return new Value(logLikelihood, score, information);
    }

    private sealed class Sums(int p)
    {
        public double Zero { get; private set; }

        public double[] First { get; } = new double[p];

        public double[,] Second { get; } = new double[p, p];

        public void Clear()
        {
            Zero = 0;
            Array.Clear(First);
            Array.Clear(Second);
        }

        public void Add(double[][] x, int subject, double weight)
        {
            Zero += weight;
            for (int a = 0; a < First.Length; a++)
            {
                double product = weight * x[a][subject];
                First[a] += product;
                for (int b = 0; b <= a; b++)
                    Second[a, b] += product * x[b][subject];
            }
        }
    }
}
