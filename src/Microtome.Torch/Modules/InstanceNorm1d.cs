namespace Microtome.Torch.Modules;

/// <summary>Instance normalisation of [N, C, L].</summary>
public sealed class InstanceNorm1d : InstanceNorm
{
    internal InstanceNorm1d(long features, double eps, double momentum, bool affine, bool track_running_stats, torch.Device? device, torch.ScalarType? dtype)
        : base(nameof(InstanceNorm1d), features, eps, momentum, affine, track_running_stats, device, dtype)
    {
    }
}
