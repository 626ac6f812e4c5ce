namespace Microtome.Torch.Modules;

/// <summary>Instance normalisation of [N, C, H, W].</summary>
public sealed class InstanceNorm2d : InstanceNorm
{
    internal InstanceNorm2d(long features, double eps, double momentum, bool affine, bool track_running_stats, torch.Device? device, torch.ScalarType? dtype)
        : base(nameof(InstanceNorm2d), features, eps, momentum, affine, track_running_stats, device, dtype)
    {
    }
}
