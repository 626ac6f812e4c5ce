using System.Text;
using Microtome.Torch;
using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Networks.Tests;

/// <summary>The weights and inputs of Fixtures/generate.py: element i of a tensor is a function of its name, i and its kind.</summary>
internal static class FormulaWeights
{
    public static void Fill(Module network)
    {
        using var off = no_grad();
        foreach (var (name, tensor) in network.state_dict())
        {
            if (name.EndsWith("num_batches_tracked", StringComparison.Ordinal))
                continue;
            using var scope = NewDisposeScope();
            tensor.copy_(Make(name, tensor.shape, Transform(name, tensor.shape)));
        }
    }

    public static Tensor Input(long[] shape) => Make("input", shape, static u => u);

    private static Func<double, double> Transform(string name, long[] shape)
    {
        if (shape.Length > 1)
        {
            var scale = Math.Sqrt(6.0 / shape.Skip(1).Aggregate(1L, static (a, b) => a * b));
            return u => u * scale;
        }

        if (name.EndsWith("running_var", StringComparison.Ordinal))
            return static u => 1 + (0.5 * u);
        if (name.EndsWith("running_mean", StringComparison.Ordinal))
            return static u => 0.1 * u;
        return name.EndsWith("weight", StringComparison.Ordinal) ? static u => 1 + (0.25 * u) : static u => 0.1 * u;
    }

    private static Tensor Make(string name, long[] shape, Func<double, double> transform)
    {
        var seed = 2166136261u;
        foreach (var unit in Encoding.UTF8.GetBytes(name))
            seed = (seed ^ unit) * 16777619u;
        var values = new float[shape.Aggregate(1L, static (a, b) => a * b)];
        for (var i = 0; i < values.Length; i++)
        {
            var x = ((uint)i * 0x9E3779B9u) + seed;
            x ^= x >> 16;
            x *= 0x7FEB352Du;
            x ^= x >> 15;
            x *= 0x846CA68Bu;
            x ^= x >> 16;
            values[i] = (float)transform(((x >> 8) / 8388608.0) - 1);
        }

        return tensor(values, shape);
    }
}
