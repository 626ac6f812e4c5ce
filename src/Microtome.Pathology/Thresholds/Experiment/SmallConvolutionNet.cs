using Microtome.Learning.Supervision.Patches;
using Microtome.Networks;
using Microtome.Torch;
using Microtome.Torch.Modules;
using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Pathology;

/// <summary>
/// A network for pictures of 32 px: four blocks of convolution, batch norm and ReLU (16 at half the resolution, 32, 64, 64), the mean and the maximum over the picture, two logits with a sigmoid each.
/// AdamW with one cycle; flips and quarter turns. Each training has one thread, several run at once.
/// </summary>
internal sealed class SmallConvolutionNet(int epochs) : IPatchLearner<byte[]>
{
    private const int Side = PictureWorld.Side, Batch = 128, Most = 512;
    private const double Rate = 4e-3;

    // Fresh weights come from the one generator of the process.
    private static readonly Lock Fresh = new();

    public Func<IReadOnlyList<byte[]>, double[]> Train(IReadOnlyList<byte[]> patches, IReadOnlyList<int> labels, int seed)
    {
        set_num_threads(1);
        set_flush_denormal(true);
        Net network;
        lock (Fresh)
        {
            manual_seed(seed);
            network = new Net();
        }

        using (var optimizer = optim.AdamW(network.parameters(), Rate, weight_decay: 1e-3))
        {
            var random = new Random(seed);
            int[] order = [.. Enumerable.Range(0, patches.Count)];
            // Small sets get as many steps as a set of 4000.
            int perEpoch = (order.Length + Batch - 1) / Batch, steps = epochs * Math.Max(perEpoch, (4000 + Batch - 1) / Batch);
            var loss = new PatchLoss { IndependentClasses = true, LabelSmoothing = 0, Cells = 0 };
            float[] weights = [.. Enumerable.Repeat(1f, Batch)];
            for (int step = 0; step < steps; step++)
            {
                int at = step % perEpoch * Batch;
                if (at == 0)
                    random.Shuffle(order);
                using var scope = NewDisposeScope();
                int count = Math.Min(Batch, order.Length - at);
                int[] drawn = order[at..(at + count)];
                using var input = Input([.. drawn.Select(i => patches[i])], random);
                optimizer.LearningRate = Rate * Math.Min(1, (step + 1) / 20.0) * 0.5 * (1 + Math.Cos(Math.PI * step / steps));
                optimizer.zero_grad();
                loss.Compute(network.forward(input), null, new PatchBatch(count, Side, [], [.. drawn.Select(i => (long)labels[i])], weights[..count], null)).backward();
                optimizer.step();
            }
        }

        network.eval();
        // The network lives as long as its answers are asked for; finalisers free its weights.
        return these =>
        {
            double[] logits = new double[these.Count];
            for (int at = 0; at < logits.Length; at += Most)
            {
                using var scope = NewDisposeScope();
                using var off = no_grad();
                int count = Math.Min(Most, logits.Length - at);
                using var input = Input([.. Enumerable.Range(at, count).Select(i => these[i])], null);
                float[] answer = network.forward(input).select(1, 1).contiguous().data<float>().ToArray();
                for (int i = 0; i < count; i++)
                    logits[at + i] = answer[i];
            }

            return logits;
        };
    }

    // Shape [N, 3, Side, Side], about -1..1; turned and mirrored when there is a generator.
    private static Tensor Input(byte[][] patches, Random? random)
    {
        float[] values = new float[patches.Length * 3 * Side * Side];
        for (int i = 0; i < patches.Length; i++)
        {
            int way = random?.Next(8) ?? 0;
            for (int p = 0; p < Side * Side; p++)
            {
                int x = p % Side, y = p / Side;
                if ((way & 1) != 0)
                    x = Side - 1 - x;
                if ((way & 2) != 0)
                    y = Side - 1 - y;
                if ((way & 4) != 0)
                    (x, y) = (y, x);
                for (int k = 0; k < 3; k++)
                    values[(((i * 3) + k) * Side * Side) + p] = (patches[i][(k * Side * Side) + (y * Side) + x] / 127.5f) - 1;
            }
        }

        return tensor(values, [patches.Length, 3, Side, Side]);
    }

    private sealed class Net : Module<Tensor, Tensor>
    {
        private readonly Sequential features;
        private readonly Linear head;

        public Net()
            : base(nameof(SmallConvolutionNet))
        {
            features = Sequential(
                ("0", new ConvNormRelu(3, 16, stride: 2)), ("1", new ConvNormRelu(16, 32)), ("2", MaxPool2d(2)), ("3", new ConvNormRelu(32, 64)), ("4", MaxPool2d(2)), ("5", new ConvNormRelu(64, 64)));
            head = Linear(128, 2);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var maps = features.forward(input);
            return head.forward(cat([maps.mean([2, 3]), maps.amax([2, 3])], 1)).MoveToOuterDisposeScope();
        }
    }
}
