namespace Microtome.Learning.Metrics;

/// <summary>How well probabilities tell positive from negative.</summary>
public sealed record BinaryScores
{
    /// <summary>Area under the ROC curve: the chance that a positive scores higher than a negative, ties counted half (Mann and Whitney 1947). NaN when a class is missing.</summary>
    public required double Auc { get; init; }

    /// <summary>The threshold that the following are taken at.</summary>
    public required double Threshold { get; init; }

    /// <summary>Harmonic mean of precision and recall; 0 without true positives.</summary>
    public required double F1 { get; init; }

    /// <summary>Share that is judged rightly.</summary>
    public required double Accuracy { get; init; }

    /// <summary>Share of the judged positive that is positive; NaN when none is judged so.</summary>
    public required double Precision { get; init; }

    /// <summary>Share of the positive that is found; NaN when there is none.</summary>
    public required double Recall { get; init; }

    /// <summary>Expected calibration error: mean distance of confidence and truth over <see cref="Bins"/> bins of equal width, weighted by their sizes (Guo et al. 2017, section 2).</summary>
    public required double Ece { get; init; }

    /// <summary>Judged patches.</summary>
    public required int Count { get; init; }

    /// <summary>Positive ones.</summary>
    public required int Positives { get; init; }

    /// <summary>Bins of the calibration error.</summary>
    public const int Bins = 15;

    /// <summary>Scores probabilities.</summary>
    /// <param name="probabilities">Of the positive class, N of them.</param>
    /// <param name="labels">1 = positive, 0 = negative.</param>
    /// <param name="threshold">Positive from this probability on.</param>
    /// <exception cref="ArgumentException">The lengths differ, or a probability is none.</exception>
    public static BinaryScores Of(IReadOnlyList<double> probabilities, IReadOnlyList<int> labels, double threshold)
    {
        if (probabilities.Count != labels.Count)
            throw new ArgumentException($"{probabilities.Count} probabilities and {labels.Count} labels.", nameof(labels));
        if (probabilities.Any(static p => !(p is >= 0 and <= 1)))
            throw new ArgumentException("A probability lies in 0..1.", nameof(probabilities));
        int truePositive = 0, falsePositive = 0, positives = 0;
        for (var i = 0; i < labels.Count; i++)
        {
            var judged = probabilities[i] >= threshold;
            positives += labels[i];
            if (judged && labels[i] == 1)
                truePositive++;
            else if (judged)
                falsePositive++;
        }

        var missed = positives - truePositive;
        return new BinaryScores
        {
            Auc = AreaUnderCurve(probabilities, labels),
            Threshold = threshold,
            F1 = truePositive == 0 ? 0 : 2.0 * truePositive / ((2 * truePositive) + falsePositive + missed),
            Accuracy = (double)(labels.Count - falsePositive - missed) / labels.Count,
            Precision = (double)truePositive / (truePositive + falsePositive),
            Recall = (double)truePositive / positives,
            Ece = CalibrationError(probabilities, labels),
            Count = labels.Count,
            Positives = positives,
        };
    }

    /// <summary>The area under the ROC curve, ties counted half; NaN when a class is missing.</summary>
    public static double AreaUnderCurve(IReadOnlyList<double> scores, IReadOnlyList<int> labels)
    {
        var order = Enumerable.Range(0, scores.Count).OrderBy(i => scores[i]).ToArray();
        double ranks = 0;
        long positives = 0;
        for (var i = 0; i < order.Length;)
        {
            var end = i;
            while (end < order.Length && scores[order[end]] == scores[order[i]])
                end++;
            // Ranks from 1 on; equal scores share their mean rank.
            var rank = (i + 1 + end) / 2.0;
            for (; i < end; i++)
            {
                if (labels[order[i]] == 1)
                {
                    ranks += rank;
                    positives++;
                }
            }
        }

        var negatives = order.Length - positives;
        return positives == 0 || negatives == 0 ? double.NaN : (ranks - (positives * (positives + 1) / 2.0)) / (positives * (double)negatives);
    }

    /// <summary>The threshold that maximises TPR - FPR (Youden 1950); halfway to the next lower score, so that it does not hang on one patch. The highest such when several tie.</summary>
    /// <exception cref="ArgumentException">A class is missing.</exception>
    public static double YoudenThreshold(IReadOnlyList<double> scores, IReadOnlyList<int> labels)
    {
        double positives = labels.Sum(), negatives = labels.Count - positives;
        if (positives == 0 || negatives == 0)
            throw new ArgumentException("A threshold needs positive and negative patches.", nameof(labels));
        var order = Enumerable.Range(0, scores.Count).OrderByDescending(i => scores[i]).ToArray();
        // Where no cut is better than none, all are called positive.
        double best = 0, threshold = scores.Min(), rise = 0;
        for (var i = 0; i < order.Length; i++)
        {
            rise += labels[order[i]] == 1 ? 1 / positives : -1 / negatives;
            var last = i + 1 == order.Length;
            if (rise > best + 1e-12 && (last || scores[order[i + 1]] < scores[order[i]]))
            {
                best = rise;
                threshold = last ? scores[order[i]] : (scores[order[i]] + scores[order[i + 1]]) / 2;
            }
        }

        return threshold;
    }

    private static double CalibrationError(IReadOnlyList<double> probabilities, IReadOnlyList<int> labels)
    {
        var sums = new (double Confidence, int Positives, int Count)[Bins];
        for (var i = 0; i < labels.Count; i++)
        {
            ref var bin = ref sums[Math.Min(Bins - 1, (int)(probabilities[i] * Bins))];
            bin = (bin.Confidence + probabilities[i], bin.Positives + labels[i], bin.Count + 1);
        }

        return sums.Sum(static bin => Math.Abs(bin.Confidence - bin.Positives)) / labels.Count;
    }
}
