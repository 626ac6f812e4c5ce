namespace Microtome.Torch.Modules;

/// <summary>Batch normalisation of [N, C, D, H, W].</summary>
public sealed class BatchNorm3d : BatchNorm
{
    internal BatchNorm3d(long features, double eps, double? momentum, bool affine, bool track_running_stats, torch.Device? device, torch.ScalarType? dtype)
        : base(nameof(BatchNorm3d), features, eps, momentum, affine, track_running_stats, device, dtype)
    {
    }
}
