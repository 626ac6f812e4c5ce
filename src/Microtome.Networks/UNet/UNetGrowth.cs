using Microtome.Torch;
using static Microtome.Torch.torch;

namespace Microtome.Networks;

/// <summary>Starts a wider U-Net from a trained narrower one, so that it answers the same before its first step (function-preserving growth, Net2Net, arXiv 1511.05641; the new channels here are fresh instead of copies).</summary>
public static class UNetGrowth
{
    /// <summary>
    /// Copies the weights of a trained network into a network of at least its width. Old channels read nothing from new ones, new channels keep their fresh
    /// weights, and the head reads nothing from new channels until training changes that.
    /// </summary>
    /// <param name="network">The network that receives, with fresh weights. On the CPU.</param>
    /// <param name="trained">The network that gives. On the CPU.</param>
    /// <exception cref="ArgumentException">The two differ in more than widths, or a level would become narrower.</exception>
    public static void StartFrom(this UNet network, UNet trained)
    {
        var (wide, narrow) = (network.Options, trained.Options);
        if (wide with { Widths = [] } != narrow with { Widths = [] } || wide.Widths.Count != narrow.Widths.Count)
            throw new ArgumentException("A network can grow from another one only in width: levels, stem, channels of input and output and convolutions of a level must be the same.", nameof(trained));
        for (var level = 0; level < wide.Widths.Count; level++)
        {
            if (wide.Widths[level] < narrow.Widths[level])
                throw new ArgumentException($"Widths {string.Join(',', wide.Widths)}: the start has {string.Join(',', narrow.Widths)}, and no level can become narrower than that.", nameof(trained));
        }

        using var scope = NewDisposeScope();
        using var off = no_grad();
        var old = trained.state_dict();
        foreach (var (name, tensor) in network.state_dict())
        {
            var source = old[name];
            if (source.dim() == 0)
            {
                tensor.copy_(source);
                continue;
            }

            var target = tensor.narrow(0, 0, source.shape[0]);
            if (source.dim() > 1)
            {
                target.zero_();
                target = target.narrow(1, 0, source.shape[1]);
            }

            target.copy_(source);
        }
    }
}
