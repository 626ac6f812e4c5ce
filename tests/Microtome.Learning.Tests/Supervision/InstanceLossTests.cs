using Microtome.Learning.Supervision.InstanceMasks;
using static Microtome.Torch.torch;

namespace Microtome.Learning.Tests.Supervision;

[Collection("torch")]
public class InstanceLossTests
{
    [Fact]
    public void Compute_RandomMaps_EqualsTheFormulasWrittenOut()
    {
        manual_seed(2);
        using var scope = NewDisposeScope();
        const int N = 2, S = 5, A = S * S;
        var output = randn([N, 3, S, S]);
        var targets = rand([N, 3, S, S]);
        targets.select(1, 0).round_();
        targets.select(1, 2).round_();
        float[] trust = [1, 0.3f];
        var actual = new InstanceLoss().Compute(output, targets, tensor(trust)).item<float>();

        var (o, t) = (new float[N * 3 * A], new float[N * 3 * A]);
        output.CopyTo(o);
        targets.CopyTo(t);
        var options = new InstanceLoss();
        double entropy = 0, dice = 0, distance = 0, contact = 0;
        for (var n = 0; n < N; n++)
        {
            double overlap = 0, total = 0;
            for (var p = 0; p < A; p++)
            {
                double f = o[(n * 3 * A) + p], d = o[(((n * 3) + 1) * A) + p], c = o[(((n * 3) + 2) * A) + p];
                double tf = t[(n * 3 * A) + p], td = t[(((n * 3) + 1) * A) + p], tc = t[(((n * 3) + 2) * A) + p];
                var weight = 1 + (options.ContactEmphasis * tc);
                entropy += weight * Entropy(f, tf) / (N * A);
                overlap += Sigmoid(f) * tf;
                total += Sigmoid(f) + tf;
                distance += Math.Pow(Sigmoid(d) - td, 2) * (1 + (options.InsideEmphasis * tf)) * weight * trust[n] / (N * A);
                contact += Entropy(c, tc) * (1 + (options.ContactBalance * tc)) * trust[n] / (N * A);
            }

            dice += (1 - (((2 * overlap) + 1) / (total + 1))) / N;
        }

        Assert.Equal(entropy + (options.Dice * dice) + (options.Distance * distance) + (options.Contact * contact), actual, 1e-4);
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private static double Entropy(double x, double t) => -((t * Math.Log(Sigmoid(x))) + ((1 - t) * Math.Log(1 - Sigmoid(x))));
}
