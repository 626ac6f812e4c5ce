namespace Microtome.Torch.Modules;

/// <summary>Instance normalisation of [N, C, D, H, W].</summary>
public sealed class InstanceNorm3d : InstanceNorm
{
    internal InstanceNorm3d(long features, double eps, double momentum, bool affine, bool track_running_stats, torch.Device? device, torch.ScalarType? dtype)
        : base(nameof(InstanceNorm3d), features, eps, momentum, affine, track_running_stats, device, dtype)
    {
    }
}
