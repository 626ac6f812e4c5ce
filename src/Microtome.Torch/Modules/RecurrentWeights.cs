using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Torch.Modules;

/// <summary>Weights of a stack of recurrent layers, with PyTorch's names (weight_ih_l0, weight_hh_l0_reverse...).</summary>
internal sealed class RecurrentWeights
{
    internal Tensor[] Flat { get; }
    private readonly long layers;
    private readonly long hidden;
    private readonly int directions;
    private readonly bool batchFirst;

    internal RecurrentWeights(Module owner, long gates, long input, long hidden, long layers, bool bias, bool batchFirst, bool bidirectional, Device? device, ScalarType? dtype)
    {
        (this.layers, this.hidden, this.batchFirst, directions) = (layers, hidden, batchFirst, bidirectional ? 2 : 1);
        using var scope = NewDisposeScope();
        var list = new List<Tensor>();
        for (var layer = 0; layer < layers; layer++)
            for (var direction = 0; direction < directions; direction++)
            {
                var suffix = $"_l{layer}{(direction == 1 ? "_reverse" : "")}";
                Add("weight_ih" + suffix, gates * hidden, layer == 0 ? input : hidden * directions);
                Add("weight_hh" + suffix, gates * hidden, hidden);
                if (!bias)
                    continue;
                Add("bias_ih" + suffix, gates * hidden);
                Add("bias_hh" + suffix, gates * hidden);
            }
        Flat = [.. list];

        void Add(string key, params long[] shape)
        {
            var parameter = new Parameter(empty(shape, dtype, device));
            init.uniform_(parameter, -1 / Math.Sqrt(hidden), 1 / Math.Sqrt(hidden));
            owner.register_parameter(key, parameter);
            list.Add(parameter);
        }
    }

    /// <summary>The state before the first step: zeros [layers * directions, N, hidden].</summary>
    internal Tensor Start(Tensor input) => zeros([layers * directions, input.size(batchFirst ? 0 : 1), hidden], input.dtype, input.device);
}
