namespace Microtome.Learning.Metrics;

/// <summary>Makes probabilities honest: p' = sigmoid(slope * z + offset) of the log-odds z (Platt 1999), fitted by Newton's method on patches that were not trained on.</summary>
/// <param name="Slope">Factor on the log-odds.</param>
/// <param name="Offset">Added to them.</param>
public sealed record PlattScaling(double Slope, double Offset)
{
    private const int MostSteps = 100;

    /// <summary>Fits the two numbers by maximum likelihood with Platt's smoothed targets, which keep them finite when the classes can be told apart without error.</summary>
    /// <exception cref="ArgumentException">A class is missing.</exception>
    public static PlattScaling Fit(IReadOnlyList<double> logOdds, IReadOnlyList<int> labels)
    {
        double positives = labels.Sum(), negatives = labels.Count - positives;
        if (positives == 0 || negatives == 0)
            throw new ArgumentException("Scaling needs positive and negative patches.", nameof(labels));
        var (high, low) = ((positives + 1) / (positives + 2), 1 / (negatives + 2));
        var (slope, offset) = (1.0, 0.0);
        for (var step = 0; step < MostSteps; step++)
        {
            double gs = 0, go = 0, hss = 1e-9, hso = 0, hoo = 1e-9;
            for (var i = 0; i < labels.Count; i++)
            {
                var p = 1 / (1 + Math.Exp(-((slope * logOdds[i]) + offset)));
                var (error, weight) = (p - (labels[i] == 1 ? high : low), p * (1 - p));
                gs += error * logOdds[i];
                go += error;
                hss += weight * logOdds[i] * logOdds[i];
                hso += weight * logOdds[i];
                hoo += weight;
            }

            var determinant = (hss * hoo) - (hso * hso);
            var (ds, d) = (((hoo * gs) - (hso * go)) / determinant, ((hss * go) - (hso * gs)) / determinant);
            // Half steps while the step is long: Newton's method overshoots far from the optimum.
            var length = Math.Min(1, 1 / Math.Max(Math.Abs(ds), Math.Abs(d)));
            slope -= length * ds;
            offset -= length * d;
            if (Math.Abs(ds) + Math.Abs(d) < 1e-10)
                break;
        }

        return new PlattScaling(slope, offset);
    }
}
