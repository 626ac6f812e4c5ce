namespace Microtome.Pathology;

/// <summary>A network of one hidden layer of 24 (8-24-1, tanh) for a few numbers a patch: Adam, cross-entropy.</summary>
internal sealed class SmallPerceptron(int epochs = 15) : IPatchLearner<double[]>
{
    private const int Inputs = EvidenceWorld.Inputs, Hidden = 24, Batch = 64;
    private const int OutputWeights = Hidden * (Inputs + 1), Weights = OutputWeights + Hidden + 1;
    private const double Rate = 5e-3, Beta1 = 0.9, Beta2 = 0.999;

    public Func<IReadOnlyList<double[]>, double[]> Train(IReadOnlyList<double[]> patches, IReadOnlyList<int> labels, int seed)
    {
        var random = new Random(seed);
        double[] w = new double[Weights], gradient = new double[Weights], first = new double[Weights], second = new double[Weights], hidden = new double[Hidden];
        for (int i = 0; i < Weights - 1; i++)
            w[i] = ((2 * random.NextDouble()) - 1) / Math.Sqrt(i < OutputWeights ? Inputs : Hidden);
        int[] order = [.. Enumerable.Range(0, patches.Count)];
        int steps = epochs * ((order.Length + Batch - 1) / Batch), step = 0;
        for (int epoch = 0; epoch < epochs; epoch++)
        {
            random.Shuffle(order);
            for (int at = 0; at < order.Length; at += Batch)
            {
                int count = Math.Min(Batch, order.Length - at);
                Array.Clear(gradient);
                for (int i = at; i < at + count; i++)
                    Add(w, patches[order[i]], labels[order[i]], hidden, gradient);
                step++;
                // Down to zero along a half cosine.
                double rate = Rate * 0.5 * (1 + Math.Cos(Math.PI * step / steps)), c1 = 1 - Math.Pow(Beta1, step), c2 = 1 - Math.Pow(Beta2, step);
                for (int i = 0; i < Weights; i++)
                {
                    double g = gradient[i] / count;
                    first[i] = (Beta1 * first[i]) + ((1 - Beta1) * g);
                    second[i] = (Beta2 * second[i]) + ((1 - Beta2) * g * g);
                    w[i] -= rate * first[i] / c1 / (Math.Sqrt(second[i] / c2) + 1e-8);
                }
            }
        }

        return these =>
        {
            double[] values = new double[Hidden];
            return [.. these.Select(x => Forward(w, x, values))];
        };
    }

    private static double Forward(double[] w, double[] x, double[] hidden)
    {
        double z = w[^1];
        for (int h = 0; h < Hidden; h++)
        {
            int row = h * (Inputs + 1);
            double sum = w[row + Inputs];
            for (int k = 0; k < Inputs; k++)
                sum += w[row + k] * x[k];
            hidden[h] = Math.Tanh(sum);
            z += w[OutputWeights + h] * hidden[h];
        }

        return z;
    }

    private static void Add(double[] w, double[] x, int label, double[] hidden, double[] gradient)
    {
        double error = (1 / (1 + Math.Exp(-Forward(w, x, hidden)))) - label;
        gradient[^1] += error;
        for (int h = 0; h < Hidden; h++)
        {
            gradient[OutputWeights + h] += error * hidden[h];
            double back = error * w[OutputWeights + h] * (1 - (hidden[h] * hidden[h]));
            int row = h * (Inputs + 1);
            for (int k = 0; k < Inputs; k++)
                gradient[row + k] += back * x[k];
            gradient[row + Inputs] += back;
        }
    }
}
