using Microtome.Torch;
using Microtome.Torch.Modules;
using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Networks;

/// <summary>T5's table of position biases (arXiv 1910.10683, 2.1): 32 buckets of distance, half of them exact and half logarithmic up to 128.</summary>
public sealed class RelativePositions : Module<(long Queries, long Keys), Tensor>
{
    private const int Buckets = 32, Farthest = 128;
    private readonly bool causal;
    private readonly Embedding relative_attention_bias;

    /// <summary>Builds the table.</summary>
    public RelativePositions(int heads, bool causal)
        : base(nameof(RelativePositions))
    {
        this.causal = causal;
        relative_attention_bias = Embedding(Buckets, heads);
        RegisterComponents();
    }

    /// <summary>The bucket of a distance (key's place less query's).</summary>
    public static int Bucket(long distance, bool causal)
    {
        int buckets = causal ? Buckets : Buckets / 2;
        int first = !causal && distance > 0 ? buckets : 0;
        long away = causal ? Math.Max(-distance, 0) : Math.Abs(distance);
        int exact = buckets / 2;
        if (away < exact)
            return first + (int)away;
        int far = exact + (int)(Math.Log(away / (double)exact) / Math.Log(Farthest / (double)exact) * (buckets - exact));
        return first + Math.Min(far, buckets - 1);
    }

    /// <summary>Biases [1, heads, queries, keys].</summary>
    public override Tensor forward((long Queries, long Keys) input)
    {
        using var scope = NewDisposeScope();
        long[] buckets = new long[input.Queries * input.Keys];
        for (long q = 0; q < input.Queries; q++)
        {
            for (long k = 0; k < input.Keys; k++)
                buckets[(q * input.Keys) + k] = Bucket(k - q, causal);
        }

        var table = relative_attention_bias.forward(tensor(buckets).reshape(input.Queries, input.Keys).to(relative_attention_bias.weight.device));
        return table.permute(2, 0, 1).unsqueeze(0).MoveToOuterDisposeScope();
    }
}
