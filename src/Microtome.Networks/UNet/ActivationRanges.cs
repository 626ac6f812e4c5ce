using Microtome.Torch;
using static Microtome.Torch.torch;

namespace Microtome.Networks;

/// <summary>
/// The range of every intermediate result of a U-Net, measured on pictures: what an 8-bit network needs besides the weights. Kept in config.json under the names
/// encoder.L.I, lateral.S, sum.S, decoder.S.I and head, each with its lowest and highest value.
/// </summary>
public sealed class ActivationRanges : Dictionary<string, double[]>
{
    // Of the values of a result; beyond it they are cut off. A wider range would make every step coarser for the sake of a few pixels.
    private const double Share = 0.9999;

    // So many values of a result show its range.
    private const long Sample = 400_000;

    // A logit of 6.5 is a probability of 0.9985: beyond it nothing changes.
    private const double LargestLogit = 6.5;

    /// <summary>Nothing measured yet.</summary>
    public ActivationRanges()
        : base(StringComparer.Ordinal)
    {
    }

    /// <summary>Measures a network that is folded and in evaluation mode.</summary>
    /// <param name="network">The network.</param>
    /// <param name="pictures">Batches of pictures [N, C, H, W] in 0..1, as the network will see them.</param>
    public static ActivationRanges Measure(UNet network, IEnumerable<Tensor> pictures)
    {
        var ranges = new ActivationRanges();
        using var inference = inference_mode();
        foreach (var picture in pictures)
            network.Forward(picture, ranges.Widen).Dispose();
        return ranges;
    }

    /// <summary>Step and zero point of a result in 0..255; the range always holds zero.</summary>
    /// <exception cref="KeyNotFoundException">The result was not measured: the ranges belong to another network.</exception>
    public (double Scale, long ZeroPoint) StepOf(string name)
    {
        var range = this[name];
        var (low, high) = (Math.Min(range[0], 0), Math.Max(range[1], 0));
        var scale = Math.Max(high - low, 1e-6) / 255;
        return (scale, (long)Math.Round(-low / scale));
    }

    private void Widen(string name, Tensor values)
    {
        using var scope = NewDisposeScope();
        var every = Math.Max(1, values.numel() / Sample);
        var sorted = values.flatten()[TensorIndex.Slice(null, null, every)].sort(0).Item1;
        var last = sorted.numel() - 1;
        var (low, high) = (sorted[(long)(last * (1 - Share))].ToDouble(), sorted[(long)(last * Share)].ToDouble());
        if (name == "head")
            (low, high) = (Math.Max(low, -LargestLogit), Math.Min(high, LargestLogit));
        this[name] = TryGetValue(name, out var known) ? [Math.Min(known[0], low), Math.Max(known[1], high)] : [low, high];
    }
}
