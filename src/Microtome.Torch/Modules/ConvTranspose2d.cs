namespace Microtome.Torch.Modules;

/// <summary>Transposed convolution of [N, C, H, W].</summary>
public sealed class ConvTranspose2d : Convolution
{
    internal ConvTranspose2d(long in_channels, long out_channels, long[] kernel_size, long[] stride, long[] padding, long[] output_padding, long[] dilation, long groups, bool bias,
        torch.Device? device, torch.ScalarType? dtype)
        : base(nameof(ConvTranspose2d), true, in_channels, out_channels, kernel_size, stride, padding, output_padding, dilation, PaddingModes.Zeros, groups, bias, device, dtype)
    {
    }
}
