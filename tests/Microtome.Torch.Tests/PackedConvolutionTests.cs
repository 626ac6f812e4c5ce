using static Microtome.Torch.torch;

namespace Microtome.Torch.Tests;

public class PackedConvolutionTests
{
    public static TheoryData<int, int, int, int, int> Shapes => new()
    {
        { 1, 16, 32, 12, 12 }, { 2, 16, 32, 13, 30 }, { 3, 48, 64, 25, 25 }, { 1, 64, 96, 14, 131 },
        // Too small: the usual convolution answers.
        { 2, 32, 32, 11, 40 }, { 2, 32, 32, 1, 1 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Conv3x3Packed_OfAnyShape_EqualsTheConvolutionInDoublePrecision(int pictures, int inputs, int outputs, int height, int width)
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        var (input, weight) = (randn([pictures, inputs, height, width]), randn([outputs, inputs, 3, 3]) * 0.1);
        var (bias, add) = (randn([outputs]), randn([pictures, outputs, height, width]));
        var packed = Pack(weight);
        var plain = nn.functional.conv2d(input.to(float64), weight.to(float64), null, strides: [1, 1], padding: [1, 1]);

        Close.Equal(plain.to(float32), nn.functional.conv3x3_packed(input, packed), 1e-5, "plain");
        var shifted = plain + bias.to(float64).reshape(1, -1, 1, 1);
        Close.Equal(shifted.relu().to(float32), nn.functional.conv3x3_packed(input, packed, bias, relu: true), 1e-5, "bias and ReLU");
        Close.Equal((shifted + add.to(float64)).relu().to(float32), nn.functional.conv3x3_packed(input, packed, bias, add, relu: true), 1e-5, "all");
        Close.Equal((shifted + add.to(float64)).to(float32), nn.functional.conv3x3_packed(input, packed, bias, add.contiguous(MemoryFormat.ChannelsLast)), 1e-5, "without ReLU");
    }

    [Fact]
    public void Conv3x3Packed_OfOnePictureAmongOthers_HasTheSameBits()
    {
        using var scope = NewDisposeScope();
        manual_seed(4);
        var input = randn([5, 32, 17, 23]).contiguous(MemoryFormat.ChannelsLast);
        var packed = Pack(randn([64, 32, 3, 3]));
        var together = nn.functional.conv3x3_packed(input, packed).contiguous();
        for (var i = 0; i < 5; i++)
            Assert.Equal(nn.functional.conv3x3_packed(input.narrow(0, i, 1), packed).contiguous().ToBytes(), together.narrow(0, i, 1).contiguous().ToBytes());
    }

    [Fact]
    public void PackConv3x3_OfOtherKernelsOrChannels_IsEmpty_AndForeignBytesAreRefused()
    {
        using var scope = NewDisposeScope();
        Assert.Equal(0, nn.functional.pack_conv3x3(randn([32, 24, 3, 3])).numel());
        Assert.Equal(0, nn.functional.pack_conv3x3(randn([48, 16, 3, 3])).numel());
        Assert.Throws<TorchException>(() => nn.functional.pack_conv3x3(randn([32, 16, 5, 5])));
        Assert.Contains("not what pack_convolution made", Assert.Throws<TorchException>(() => nn.functional.conv3x3_packed(randn([1, 16, 20, 20]), zeros([64], ScalarType.Byte))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Conv3x3Packed_AfterItsWeightsAreGone_StillAnswers()
    {
        using var scope = NewDisposeScope();
        manual_seed(5);
        var input = randn([1, 16, 20, 20]);
        var weight = randn([32, 16, 3, 3]);
        var expected = nn.functional.conv2d(input, weight, null, strides: [1, 1], padding: [1, 1]);
        var packed = Pack(weight);
        weight.Dispose();
        Close.Equal(expected, nn.functional.conv3x3_packed(input, packed), 1e-5, "after");
    }

    private static Tensor Pack(Tensor weight)
    {
        var packed = nn.functional.pack_conv3x3(weight);
        Assert.SkipWhen(packed.numel() == 0, "This processor has no AVX-512.");
        return packed;
    }
}
