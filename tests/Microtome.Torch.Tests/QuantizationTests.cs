using System.Runtime.InteropServices;
using Microtome.Torch.Modules;
using static Microtome.Torch.torch;

namespace Microtome.Torch.Tests;

public class QuantizationTests
{
    private static readonly string? Engine = new[] { "onednn", "x86", "fbgemm" }.FirstOrDefault(backends.quantized.is_supported);

    [Fact]
    public void QuantizePerTensor_ThereAndBack_IsWithinHalfAStep()
    {
        using var scope = NewDisposeScope();
        var values = linspace(-1, 2, 301);
        var whole = quantize_per_tensor(values, 0.02, 50, ScalarType.QUInt8);

        Assert.Equal(0.02, whole.q_scale(), 12);
        Assert.Equal(50, whole.q_zero_point());
        Assert.InRange((whole.dequantize() - values).abs().max().ToDouble(), 0, 0.01 + 1e-6);
        // Beyond the ends of a byte values are cut off.
        Assert.Equal(255, quantize_per_tensor(full([1], 99.0), 0.02, 50, ScalarType.QUInt8).int_repr().ToInt64());
    }

    [Theory]
    [InlineData(1, false, 128)]
    [InlineData(3, true, 0)]
    [InlineData(3, false, 100)]
    public void QuantizedConv2d_RandomBytes_EqualsTheSumsInWholeNumbers(int kernel, bool relu, int outputZero)
    {
        Assert.SkipWhen(Engine is null, "This libtorch has no engine for quantized convolutions.");
        backends.quantized.set_engine(Engine!);
        using var scope = NewDisposeScope();
        manual_seed(11);
        const int Inputs = 5, Outputs = 7, Height = 6, Width = 9, Zero = 3;
        const double InputStep = 0.02, OutputStep = 0.05;
        var weight = randn([Outputs, Inputs, kernel, kernel]);
        var bias = randn([Outputs]);
        // Small numbers: processors without VNNI cut sums of large products off.
        var pixels = randint(0, 60, [1, Inputs, Height, Width], ScalarType.Byte);
        using var convolution = new QuantizedConv2d(weight, bias, kernel / 2, relu, OutputStep, outputZero);

        var input = _empty_affine_quantized([1, Inputs, Height, Width], InputStep, Zero, memory_format: MemoryFormat.ChannelsLast);
        pixels.permute(0, 2, 3, 1).contiguous().AsSpan<byte>().CopyTo(input.AsMemorySpan<byte>());
        var answer = convolution.forward(input).int_repr().contiguous().AsSpan<byte>().ToArray();

        var p = pixels.contiguous().AsSpan<byte>().ToArray();
        var w = weight.contiguous().AsSpan<float>().ToArray();
        var b = bias.AsSpan<float>().ToArray();
        var at = 0;
        for (var o = 0; o < Outputs; o++)
        {
            var filter = w.AsSpan(o * Inputs * kernel * kernel, Inputs * kernel * kernel);
            var largest = 0f;
            foreach (var value in filter)
                largest = MathF.Max(largest, MathF.Abs(value));
            double step = largest / 127;
            for (var y = 0; y < Height; y++)
            {
                for (var x = 0; x < Width; x++, at++)
                {
                    long sum = 0;
                    for (var c = 0; c < Inputs; c++)
                    {
                        for (var v = 0; v < kernel; v++)
                        {
                            for (var u = 0; u < kernel; u++)
                            {
                                int yy = y + v - (kernel / 2), xx = x + u - (kernel / 2);
                                if (yy < 0 || yy >= Height || xx < 0 || xx >= Width)
                                    continue;
                                var q = (long)Math.Round(filter[(((c * kernel) + v) * kernel) + u] / step, MidpointRounding.ToEven);
                                sum += q * (p[(((c * Height) + yy) * Width) + xx] - Zero);
                            }
                        }
                    }

                    var real = (sum * InputStep * step) + b[o];
                    var expected = Math.Clamp(Math.Round((relu ? Math.Max(real, 0) : real) / OutputStep) + outputZero, 0, 255);
                    // The last rounding of an engine may fall on the other side.
                    Assert.InRange(answer[at], expected - 1, expected + 1);
                }
            }
        }
    }

    [Fact]
    public void QuantizedConv2d_AfterDispose_Throws()
    {
        Assert.SkipWhen(Engine is null, "This libtorch has no engine for quantized convolutions.");
        backends.quantized.set_engine(Engine!);
        using var scope = NewDisposeScope();
        var convolution = new QuantizedConv2d(ones([1, 1, 1, 1]), null, 0, false, 1, 0);
        var input = quantize_per_tensor(ones([1, 1, 2, 2]), 1, 0, ScalarType.QUInt8);
        Assert.Equal(4, convolution.forward(input).dequantize().sum().ToDouble());
        convolution.Dispose();
        Assert.Throws<ObjectDisposedException>(() => convolution.forward(input));
    }

    [Fact]
    public void SetEngine_UnknownName_SaysSo() =>
        Assert.Contains("abacus", Assert.Throws<TorchException>(() => backends.quantized.set_engine("abacus")).Message, StringComparison.Ordinal);

    [Fact]
    public void AsMemorySpan_QuantizedTensor_HoldsBytes()
    {
        using var scope = NewDisposeScope();
        var whole = quantize_per_tensor(full([2, 3], 0.5), 0.1, 10, ScalarType.QUInt8);
        Assert.All(whole.AsSpan<byte>().ToArray(), q => Assert.Equal(15, q));
        Assert.Throws<ArgumentException>(() => MemoryMarshal.AsBytes(whole.AsSpan<float>()).ToArray());
    }
}
