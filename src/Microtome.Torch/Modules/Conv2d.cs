namespace Microtome.Torch.Modules;

/// <summary>Convolution of [N, C, H, W].</summary>
public sealed class Conv2d : Convolution
{
    internal Conv2d(long in_channels, long out_channels, long[] kernel_size, long[] stride, long[] padding, long[] dilation, PaddingModes padding_mode, long groups, bool bias,
        torch.Device? device, torch.ScalarType? dtype)
        : base(nameof(Conv2d), false, in_channels, out_channels, kernel_size, stride, padding, All(0, 2), dilation, padding_mode, groups, bias, device, dtype)
    {
    }
}
