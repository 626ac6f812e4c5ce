using MathNet.Numerics.Distributions;
using Microtome.Torch;
using static Microtome.Torch.torch;

namespace Microtome.Networks;

/// <summary>
/// Keeps about the k largest of D numbers without sorting them: what lies above mean + z * deviation, with z the normal quantile of 1 - k / D, less that threshold
/// (arXiv 2506.06644, 3.1). Over the last dimension of [..., D].
/// </summary>
public static class StatisticalTopK
{
    /// <summary>The quantile z; negative infinity where everything is kept.</summary>
    public static double Quantile(double k, double count) => k >= count ? double.NegativeInfinity : Normal.InvCDF(0, 1, 1 - (k / count));

    /// <summary>max(x - threshold, 0), differentiable through the threshold as well.</summary>
    /// <param name="input">[..., D].</param>
    /// <param name="k">About how many shall be kept; D or more keep all of them unchanged.</param>
    /// <param name="smoothing">Width of the parabola that replaces the kink (Huber); 0: none.</param>
    public static Tensor Soft(Tensor input, long k, double smoothing = 0)
    {
        long count = input.size(-1);
        if (k <= 0)
            throw new ArgumentOutOfRangeException(nameof(k), k, "At least one number must be kept.");
        return k >= count ? input.alias() : new SoftThreshold(Quantile(k, count), smoothing).apply(input)[0];
    }

    private sealed class SoftThreshold(double z, double smoothing) : autograd.Function
    {
        protected override Tensor[] forward(Tensor[] inputs)
        {
            var x = inputs[0];
            var mean = x.mean(-1, keepdim: true);
            var deviation = x.std(-1, unbiased: false, keepdim: true);
            var above = (x - (mean + (deviation * z))).relu_();
            save_for_backward(x, mean, deviation, above);
            return [smoothing > 0 ? where(above < smoothing, above.square() * (0.5 / smoothing), above - (smoothing / 2)) : above.clone()];
        }

        // dx_j = m_j g_j - S (1 / D + z (x_j - mean) / (D deviation)), S = sum of m g; m is the slope of the threshold.
        protected override Tensor?[] backward(Tensor?[] grad_outputs)
        {
            if (grad_outputs[0] is not { } gradient)
                return [null];
            var (x, mean, deviation, above) = (saved_tensors[0], saved_tensors[1], saved_tensors[2], saved_tensors[3]);
            var passed = smoothing > 0 ? gradient * (above / smoothing).clamp_max(1) : gradient * above.sign();
            var sum = passed.sum(-1, keepdim: true) * (1.0 / x.size(-1));

            // All numbers equal: the deviation has no slope there, 0 is its subgradient.
            var slope = where(deviation > 0, sum * z / deviation, 0.0);
            return [passed.sub_(sum).sub_((x - mean).mul_(slope))];
        }
    }
}
