using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Torch.Modules;

/// <summary>While training, sets elements (or whole channels) to zero with a probability and scales the rest up.</summary>
public sealed class Dropout : Module<Tensor, Tensor>
{
    private readonly double p;
    private readonly bool channels;

    internal Dropout(string name, double p, bool channels)
        : base(name)
    {
        if (p is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(p), p, "A dropout probability lies between 0 and 1.");
        this.p = p;
        this.channels = channels;
    }

    public override Tensor forward(Tensor input)
    {
        if (!training || p == 0)
            return input.alias();
        return channels ? functional.dropout2d(input, p) : functional.dropout(input, p);
    }
}
