using Microtome.Torch;
using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Networks;

/// <summary>
/// Spark attention (arXiv 2506.06644, 3): the first part of every head chooses about k_a of the visible keys by the statistical threshold and gives their softmax; the second
/// part scales each by softplus. The weights need not sum to 1. Nothing is dropped for queries that see k_a keys or fewer.
/// </summary>
internal static class SparkScores
{
    /// <summary>Weights [B, H, T, T] from queries and keys [B, H, T, D].</summary>
    public static Tensor Weights(Tensor q, Tensor k, TransformerOptions options, AttentionContext context)
    {
        using var scope = NewDisposeScope();
        int first = options.Spark!.AttentionPredictorWidth, second = options.QueryWidth - first;
        var (q1, k1, q2, k2) = (q.narrow(-1, 0, first), k.narrow(-1, 0, first), q.narrow(-1, first, second), k.narrow(-1, first, second));
        if (context is { PredictorAngles: { } near, Angles: { } far })
            (q1, k1, q2, k2) = (Rotary.Turn(q1, near), Rotary.Turn(k1, near), Rotary.Turn(q2, far), Rotary.Turn(k2, far));
        var chosen = (q1 * (1 / Math.Sqrt(first))).matmul(k1.transpose(-2, -1));
        if (options.AttentionCap > 0)
            chosen = (chosen / options.AttentionCap).tanh() * options.AttentionCap;
        var visible = context.Visible!;
        Tensor hidden;
        using (no_grad())
        {
            // The softmax does not see a shift, so the threshold carries no gradient.
            var count = visible.sum(-1, keepdim: true);
            var mean = (chosen * visible).sum(-1, keepdim: true) / count;
            var deviation = (((chosen - mean) * visible).square().sum(-1, keepdim: true) / count).sqrt();
            var threshold = mean + (deviation * Quantiles(count, options.Spark.AttendedKeys));
            var unseen = visible.lt(0.5);

            // The best key stays, also where all scores are equal and lie on their mean.
            var best = chosen.masked_fill(unseen, double.NegativeInfinity).amax([-1L], keepdim: true);
            hidden = unseen.logical_or((chosen <= threshold).logical_and(chosen < best));
        }

        var weights = chosen.masked_fill(hidden, double.NegativeInfinity).softmax(-1);
        var scale = functional.softplus((q2 * (1 / Math.Sqrt(second))).matmul(k2.transpose(-2, -1)));
        return (weights * scale).MoveToOuterDisposeScope();
    }

    // One quantile a number of visible keys; minus infinity (keep all) up to k_a.
    private static Tensor Quantiles(Tensor count, int k)
    {
        float[] counts = count.flatten().cpu().data<float>().ToArray();
        float[] values = Array.ConvertAll(counts, n => n <= k ? float.NegativeInfinity : (float)StatisticalTopK.Quantile(k, n));
        return tensor(values).reshape(count.shape).to(count.device);
    }
}
