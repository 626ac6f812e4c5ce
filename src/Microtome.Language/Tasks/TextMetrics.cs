using Microtome.Learning.Metrics;

namespace Microtome.Language;

/// <summary>GLUE's measures.</summary>
public static class TextMetrics
{
    /// <summary>The share of equal entries.</summary>
    public static double Accuracy(IReadOnlyList<int> truth, IReadOnlyList<int> predicted)
    {
        Check(truth, predicted);
        var right = 0;
        for (var i = 0; i < truth.Count; i++)
            right += truth[i] == predicted[i] ? 1 : 0;
        return right / (double)truth.Count;
    }

    /// <summary>F1 of one label: 2 TP / (2 TP + FP + FN); 0 when it is neither there nor predicted.</summary>
    public static double F1(IReadOnlyList<int> truth, IReadOnlyList<int> predicted, int positive = 1)
    {
        Check(truth, predicted);
        long hit = 0, wrong = 0;
        for (var i = 0; i < truth.Count; i++)
        {
            hit += truth[i] == positive && predicted[i] == positive ? 1 : 0;
            wrong += (truth[i] == positive) != (predicted[i] == positive) ? 1 : 0;
        }

        return hit == 0 ? 0 : 2.0 * hit / ((2 * hit) + wrong);
    }

    /// <summary>
    /// Matthews' correlation for any number of classes (Gorodkin 2004): (c s - sum p_k t_k) / sqrt((s^2 - sum p_k^2)(s^2 - sum t_k^2)) with c right of s, t_k and p_k entries of class k in truth and
    /// prediction. 0 when one of the two is constant.
    /// </summary>
    public static double Matthews(IReadOnlyList<int> truth, IReadOnlyList<int> predicted)
    {
        Check(truth, predicted);
        var counts = new Dictionary<int, (double Truth, double Predicted)>();
        double right = 0, all = truth.Count;
        for (var i = 0; i < truth.Count; i++)
        {
            var (t, p) = counts.GetValueOrDefault(truth[i]);
            counts[truth[i]] = (t + 1, p);
            (t, p) = counts.GetValueOrDefault(predicted[i]);
            counts[predicted[i]] = (t, p + 1);
            right += truth[i] == predicted[i] ? 1 : 0;
        }

        var mixed = counts.Values.Sum(static c => c.Truth * c.Predicted);
        var spread = ((all * all) - counts.Values.Sum(static c => c.Predicted * c.Predicted)) * ((all * all) - counts.Values.Sum(static c => c.Truth * c.Truth));
        return spread == 0 ? 0 : ((right * all) - mixed) / Math.Sqrt(spread);
    }

    /// <summary>The measures of a task that has classes.</summary>
    public static IReadOnlyDictionary<string, double> Measure(TextTask task, IReadOnlyList<int> truth, IReadOnlyList<int> predicted) =>
        task.Measures.ToDictionary(
            static m => m.ToString().ToLowerInvariant(),
            m => m switch
            {
                TextMeasure.Accuracy => Accuracy(truth, predicted),
                TextMeasure.F1 => F1(truth, predicted),
                TextMeasure.Matthews => Matthews(truth, predicted),
                _ => throw new ArgumentException($"{m} is a measure of scores, and {task.Name} has classes.", nameof(task)),
            },
            StringComparer.Ordinal);

    /// <summary>The measures of a task that has scores.</summary>
    public static IReadOnlyDictionary<string, double> Measure(TextTask task, IReadOnlyList<double> truth, IReadOnlyList<double> predicted) =>
        task.Measures.ToDictionary(
            static m => m.ToString().ToLowerInvariant(),
            m => m switch
            {
                TextMeasure.Pearson => RankCorrelation.Pearson(truth, predicted),
                TextMeasure.Spearman => RankCorrelation.Spearman(truth, predicted),
                _ => throw new ArgumentException($"{m} is a measure of classes, and {task.Name} has scores.", nameof(task)),
            },
            StringComparer.Ordinal);

    private static void Check(IReadOnlyList<int> truth, IReadOnlyList<int> predicted)
    {
        if (truth.Count != predicted.Count || truth.Count == 0)
            throw new ArgumentException($"{truth.Count} answers and {predicted.Count} predictions.", nameof(predicted));
    }
}
