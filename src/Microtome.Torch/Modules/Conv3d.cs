namespace Microtome.Torch.Modules;

/// <summary>Convolution of [N, C, D, H, W].</summary>
public sealed class Conv3d : Convolution
{
    internal Conv3d(long in_channels, long out_channels, long[] kernel_size, long[] stride, long[] padding, long[] dilation, PaddingModes padding_mode, long groups, bool bias,
        torch.Device? device, torch.ScalarType? dtype)
        : base(nameof(Conv3d), false, in_channels, out_channels, kernel_size, stride, padding, All(0, 3), dilation, padding_mode, groups, bias, device, dtype)
    {
    }
}
