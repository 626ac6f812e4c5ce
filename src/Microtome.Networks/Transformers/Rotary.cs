using Microtome.Torch;
using static Microtome.Torch.torch;

namespace Microtome.Networks;

/// <summary>Rotary positions (arXiv 2104.09864): pairs (i, i + D / 2) of a head are turned by place * base^(-2 i / D), as Llama and Gemma do.</summary>
internal static class Rotary
{
    /// <summary>Cosines and sines [length, width], for one step of training.</summary>
    public static (Tensor Cosine, Tensor Sine) Angles(long length, long width, double angleBase, Device device)
    {
        using var scope = NewDisposeScope();
        double[] rates = [.. Enumerable.Range(0, (int)(width / 2)).Select(i => Math.Pow(angleBase, -2.0 * i / width))];
        var angles = outer(arange(0, length, ScalarType.Float64), tensor(rates));
        var twice = cat([angles, angles], 1).to(device);
        return (twice.cos().to(ScalarType.Float32).MoveToOuterDisposeScope(), twice.sin().to(ScalarType.Float32).MoveToOuterDisposeScope());
    }

    /// <summary>Turns [B, H, T, D].</summary>
    public static Tensor Turn(Tensor heads, (Tensor Cosine, Tensor Sine) angles)
    {
        using var scope = NewDisposeScope();
        long half = heads.size(-1) / 2;
        var turned = cat([-heads.narrow(-1, half, half), heads.narrow(-1, 0, half)], -1);
        return ((heads * angles.Cosine) + (turned * angles.Sine)).MoveToOuterDisposeScope();
    }
}
