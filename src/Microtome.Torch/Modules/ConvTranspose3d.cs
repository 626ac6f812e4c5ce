namespace Microtome.Torch.Modules;

/// <summary>Transposed convolution of [N, C, D, H, W].</summary>
public sealed class ConvTranspose3d : Convolution
{
    internal ConvTranspose3d(long in_channels, long out_channels, long[] kernel_size, long[] stride, long[] padding, long[] output_padding, long[] dilation, long groups, bool bias,
        torch.Device? device, torch.ScalarType? dtype)
        : base(nameof(ConvTranspose3d), true, in_channels, out_channels, kernel_size, stride, padding, output_padding, dilation, PaddingModes.Zeros, groups, bias, device, dtype)
    {
    }
}
