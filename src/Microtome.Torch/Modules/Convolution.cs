using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Torch.Modules;

/// <summary>What convolutions of every dimension and direction share. The bias is null where none was asked for.</summary>
public abstract class Convolution : Module<Tensor, Tensor>
{
    public Parameter weight { get; }
    public Parameter? bias { get; }
    public long in_channels { get; }
    public long out_channels { get; }
    public long[] kernel_size { get; }
    public long[] stride { get; }
    public long[] padding { get; }
    public long[] output_padding { get; }
    public long[] dilation { get; }
    public long groups { get; }
    private readonly PaddingModes padding_mode;
    private readonly bool transposed;

    private protected Convolution(string name, bool transposed, long in_channels, long out_channels, long[] kernel_size, long[] stride, long[] padding, long[] output_padding,
        long[] dilation, PaddingModes padding_mode, long groups, bool bias, Device? device, ScalarType? dtype)
        : base(name)
    {
        if (in_channels < 1 || out_channels < 1 || groups < 1 || in_channels % groups != 0 || out_channels % groups != 0)
            throw new ArgumentException($"{name}: {in_channels} input and {out_channels} output channels must be positive multiples of the {groups} groups.");
        this.transposed = transposed;
        this.in_channels = in_channels;
        this.out_channels = out_channels;
        this.kernel_size = kernel_size;
        this.stride = stride;
        this.padding = padding;
        this.output_padding = output_padding;
        this.dilation = dilation;
        this.groups = groups;
        this.padding_mode = padding_mode;
        using var scope = NewDisposeScope();
        long[] head = transposed ? [in_channels, out_channels / groups] : [out_channels, in_channels / groups];
        weight = new Parameter(empty([.. head, .. kernel_size], dtype, device));
        register_parameter("weight", weight);
        this.bias = bias ? new Parameter(empty([out_channels], dtype, device)) : null;
        register_parameter("bias", this.bias);
        init.ResetLinear(weight, this.bias);
    }

    public override Tensor forward(Tensor input)
    {
        var dims = kernel_size.Length;
        if (transposed)
            return dims switch
            {
                1 => functional.conv_transpose1d(input, weight, bias, stride, padding, output_padding, groups, dilation),
                2 => functional.conv_transpose2d(input, weight, bias, stride, padding, output_padding, groups, dilation),
                _ => functional.conv_transpose3d(input, weight, bias, stride, padding, output_padding, groups, dilation),
            };
        if (padding_mode == PaddingModes.Zeros)
            return Convolve(input, padding);
        var border = new long[2 * dims];
        for (var i = 0; i < dims; i++)
            border[2 * i] = border[(2 * i) + 1] = padding[dims - 1 - i];
        using var padded = functional.pad(input, border, padding_mode);
        return Convolve(padded, new long[dims]);
    }

    private Tensor Convolve(Tensor input, long[] border) => kernel_size.Length switch
    {
        1 => functional.conv1d(input, weight, bias, stride, border, dilation, groups),
        2 => functional.conv2d(input, weight, bias, stride, border, dilation, groups),
        _ => functional.conv3d(input, weight, bias, stride, border, dilation, groups),
    };

    private protected static long[] All(long value, int dims)
    {
        var list = new long[dims];
        Array.Fill(list, value);
        return list;
    }
}
