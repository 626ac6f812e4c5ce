using Microtome.Torch;
using static Microtome.Torch.torch;

namespace Microtome.Language;

/// <summary>
/// The theory of sharing on deep linear networks (arXiv 2110.03848, section on theory): f(x) = W_L ... W_1 x towards a positive definite matrix, R = |W_L ... W_1 - Phi|^2 / 2.
/// </summary>
public static class DeepLinear
{
    /// <summary>The ways to begin and to move.</summary>
    public enum Arm
    {
        /// <summary>One matrix for all layers, from the identity, moved by the mean gradient.</summary>
        SharedIdentity,

        /// <summary>Layers of their own, from the identity.</summary>
        OwnIdentity,

        /// <summary>Layers of their own; the last begins as zero, the others as the identity (Wu et al. 2019).</summary>
        ZeroAsymmetric,

        /// <summary>One matrix, from the identity and noise.</summary>
        SharedNoise,

        /// <summary>Layers of their own, each from the identity and noise of its own.</summary>
        OwnNoise,
    }

    /// <summary>Distances R by step, before each step and after the last.</summary>
    public static double[] Run(Arm arm, Tensor target, int depth, double step, int steps, double noise, int seed)
    {
        using var off = no_grad();
        using var scope = NewDisposeScope();
        manual_seed(seed);
        long d = target.size(0);
        var common = randn([d, d], ScalarType.Float64) * noise;
        Tensor[] layers = [.. Enumerable.Range(0, depth).Select(l => arm switch
        {
            Arm.SharedNoise => eye(d, -1, ScalarType.Float64) + common,
            Arm.OwnNoise => eye(d, -1, ScalarType.Float64) + (randn([d, d], ScalarType.Float64) * noise),
            Arm.ZeroAsymmetric when l == depth - 1 => zeros([d, d], ScalarType.Float64),
            _ => eye(d, -1, ScalarType.Float64),
        })];
        double[] distances = new double[steps + 1];
        for (int t = 0; t <= steps; t++)
        {
            using var inner = NewDisposeScope();
            var below = new Tensor[depth + 1];
            below[0] = eye(d, -1, ScalarType.Float64);
            for (int l = 0; l < depth; l++)
                below[l + 1] = layers[l].matmul(below[l]);
            var difference = below[depth] - target;
            distances[t] = 0.5 * difference.square().sum().item<double>();
            if (t == steps)
                break;
            var gradients = new Tensor[depth];
            var above = eye(d, -1, ScalarType.Float64);
            for (int l = depth - 1; l >= 0; l--)
            {
                gradients[l] = above.t().matmul(difference).matmul(below[l].t());
                above = above.matmul(layers[l]);
            }

            if (arm is Arm.SharedIdentity or Arm.SharedNoise)
            {
                var mean = stack(gradients).mean([0L]);
                Array.Fill(gradients, mean);
            }

            for (int l = 0; l < depth; l++)
                layers[l].sub_(gradients[l] * step);
        }

        return distances;
    }

    /// <summary>Q diag(lowest .. highest) Q^T with a random rotation.</summary>
    public static Tensor Target(int d, double lowest, double highest, int seed)
    {
        using var scope = NewDisposeScope();
        manual_seed(seed);
        var (q, _) = linalg.qr(randn([d, d], ScalarType.Float64));
        return q.matmul(linspace(lowest, highest, d, ScalarType.Float64).diag()).matmul(q.t()).MoveToOuterDisposeScope();
    }
}
