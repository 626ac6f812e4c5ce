namespace Microtome.Torch.Modules;

/// <summary>Batch normalisation of [N, C, L].</summary>
public sealed class BatchNorm1d : BatchNorm
{
    internal BatchNorm1d(long features, double eps, double? momentum, bool affine, bool track_running_stats, torch.Device? device, torch.ScalarType? dtype)
        : base(nameof(BatchNorm1d), features, eps, momentum, affine, track_running_stats, device, dtype)
    {
    }
}
