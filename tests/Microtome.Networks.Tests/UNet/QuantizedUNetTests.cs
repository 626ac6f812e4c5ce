using Microtome.Torch;
using static Microtome.Torch.torch;

namespace Microtome.Networks.Tests;

public sealed class QuantizedUNetTests : IDisposable
{
    private const int Width = 96;
    private const int Height = 64;
    private static readonly UNetOptions Small = new() { Widths = [16, 16, 32], EncoderConvolutions = 1, DecoderConvolutions = 1 };

    private readonly UNet network;
    private readonly byte[] pixels = new byte[3 * Width * Height];

    public QuantizedUNetTests()
    {
        manual_seed(7);
        using var scope = NewDisposeScope();
        network = new UNet(Small);
        for (var i = 0; i < 5; i++)
            network.forward(rand([4, 3, 32, 32]));
        network.eval();
        network.Fold();
        new Random(1).NextBytes(pixels);
    }

    public void Dispose() => network.Dispose();

    private ActivationRanges Ranges()
    {
        using var scope = NewDisposeScope();
        return ActivationRanges.Measure(network, [Floats()]);
    }

    private Tensor Floats() => tensor(pixels, [1, Height, Width, 3]).permute(0, 3, 1, 2).to(ScalarType.Float32).div(255).contiguous(MemoryFormat.ChannelsLast);

    private byte[] Predict(QuantizedUNet quantized, int symmetry = 0)
    {
        var maps = new byte[3 * Width * Height];
        quantized.Predict(pixels, Width, Height, symmetry, maps);
        return maps;
    }

    [Fact]
    public void Predict_SamePicture_IsCloseToFloat32()
    {
        Assert.SkipUnless(QuantizedUNet.IsSupported, "This processor has no VNNI.");
        using var quantized = new QuantizedUNet(network, Ranges());
        var bytes = Predict(quantized);

        using var scope = NewDisposeScope();
        using var off = no_grad();
        var truth = network.forward(Floats()).sigmoid().mul(255).contiguous().AsSpan<float>().ToArray();
        var differences = bytes.Zip(truth, (b, t) => Math.Abs(b - t)).ToArray();
        var spread = truth.Max() - truth.Min();
        Assert.True(spread > 10, $"the answer must say something, its spread is {spread}");
        Assert.InRange(differences.Average(), 0, 0.03 * spread);
    }

    [Fact]
    public void Predict_MirroredOrTransposedView_EqualsTheMovedPicture()
    {
        Assert.SkipUnless(QuantizedUNet.IsSupported, "This processor has no VNNI.");
        using var quantized = new QuantizedUNet(network, Ranges());
        for (var symmetry = 0; symmetry < 8; symmetry++)
        {
            var seen = Predict(quantized, symmetry);

            using var scope = NewDisposeScope();
            var moved = Turn(tensor(pixels, [Height, Width, 3]), symmetry, 0, 1).contiguous();
            var (w, h) = ((int)moved.shape[1], (int)moved.shape[0]);
            var maps = new byte[3 * w * h];
            quantized.Predict(moved.AsSpan<byte>(), w, h, 0, maps);
            var back = Back(tensor(maps, [3, h, w]), symmetry).contiguous().AsSpan<byte>().ToArray();
            Assert.Equal(back, seen);
        }

        static Tensor Turn(Tensor t, int symmetry, int y, int x)
        {
            if ((symmetry & 1) != 0)
                t = t.flip(x);
            if ((symmetry & 2) != 0)
                t = t.flip(y);
            return (symmetry & 4) != 0 ? t.transpose(y, x) : t;
        }

        static Tensor Back(Tensor t, int symmetry)
        {
            if ((symmetry & 4) != 0)
                t = t.transpose(1, 2);
            if ((symmetry & 2) != 0)
                t = t.flip(1);
            return (symmetry & 1) != 0 ? t.flip(2) : t;
        }
    }

    [Fact]
    public void Predict_FromSeveralThreadsAtOnce_GivesTheSameBytes()
    {
        Assert.SkipUnless(QuantizedUNet.IsSupported, "This processor has no VNNI.");
        using var quantized = new QuantizedUNet(network, Ranges());
        var alone = Predict(quantized);
        var together = new byte[16][];
        Parallel.For(0, together.Length, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i => together[i] = Predict(quantized));
        Assert.All(together, bytes => Assert.Equal(alone, bytes));
    }

    [Fact]
    public void Measure_AnyNetwork_NamesEveryResult()
    {
        var ranges = Ranges();
        Assert.Equal(
            ["decoder.0.0", "decoder.1.0", "encoder.0.0", "encoder.1.0", "encoder.2.0", "head", "lateral.0", "lateral.1", "sum.0", "sum.1"],
            ranges.Keys.Order(StringComparer.Ordinal));
        Assert.All(ranges, range => Assert.True(range.Value[0] < range.Value[1], range.Key));
        var (scale, zero) = ranges.StepOf("sum.0");
        Assert.InRange(zero, 0, 255);
        Assert.True(scale > 0);
        Assert.Throws<KeyNotFoundException>(() => ranges.StepOf("encoder.9.9"));
    }
}
