using Microtome.Torch;
using static Microtome.Torch.torch;

namespace Microtome.Networks.Tests;

public class UNetTests
{
    private static readonly UNetOptions Small = new() { Widths = [8, 16, 16], EncoderConvolutions = 1, DecoderConvolutions = 1 };

    [Fact]
    public void Constructor_DefaultOptions_HasTheCountedParameters()
    {
        using var network = new UNet(new UNetOptions());

        // Counted by hand: a 3x3 block has 9 i o + 2 o, a lateral or head i o + o.
        long Block(long i, long o) => (9 * i * o) + (2 * o);
        long[] w = [16, 48, 96, 160];
        var expected = Block(12, w[0]) + Block(w[0], w[0]);
        for (var level = 1; level < 4; level++)
            expected += Block(w[level - 1], w[level]) + Block(w[level], w[level]);
        for (var level = 2; level >= 0; level--)
            expected += (w[level + 1] * w[level]) + w[level] + (2 * Block(w[level], w[level]));
        expected += (w[0] * 12) + 12;
        Assert.Equal(expected, network.parameters().Sum(p => p.numel()));
    }

    [Fact]
    public void Forward_AnyInput_KeepsItsSize()
    {
        using var scope = NewDisposeScope();
        using var network = new UNet(Small);
        Assert.Equal([2L, 3, 64, 96], network.forward(rand([2, 3, 64, 96])).shape);
    }

    [Fact]
    public void Fold_AfterTraining_GivesTheSameAnswer()
    {
        manual_seed(3);
        using var scope = NewDisposeScope();
        using var network = new UNet(Small);
        for (var i = 0; i < 5; i++)
            network.forward(rand([4, 3, 32, 32]) * 2);
        network.eval();
        using var off = no_grad();
        var input = rand([1, 3, 64, 64]);
        var before = network.forward(input);
        network.Fold();
        Assert.True((network.forward(input) - before).abs().max().item<float>() < 1e-4f);
    }

    [Fact]
    public void ReceptiveRadius_AsHalo_MakesTheCoreEqualToTheWhole()
    {
        manual_seed(5);
        using var scope = NewDisposeScope();
        using var network = new UNet(Small);
        network.eval();
        using var off = no_grad();
        var halo = Small.ReceptiveRadius;
        var whole = rand([1, 3, 256, 256]);
        var core = 32;
        var tile = whole.narrow(2, 96 - halo, core + (2 * halo)).narrow(3, 64 - halo, core + (2 * halo)).contiguous();
        var expected = network.forward(whole).narrow(2, 96, core).narrow(3, 64, core);
        var actual = network.forward(tile).narrow(2, halo, core).narrow(3, halo, core);
        Assert.True((expected - actual).abs().max().item<float>() < 1e-5f);
    }

    [Fact]
    public void ReceptiveRadius_OfAChange_IsNotExceeded()
    {
        manual_seed(7);
        using var scope = NewDisposeScope();
        using var network = new UNet(Small);
        network.eval();
        using var off = no_grad();
        var picture = rand([1, 3, 256, 256]);
        var changed = picture.clone();
        changed.narrow(2, 128, 1).narrow(3, 128, 1).add_(5);
        var difference = (network.forward(picture) - network.forward(changed)).abs().amax([0, 1]);
        var reach = difference.gt(0).nonzero().sub(128).abs().max().item<long>();
        Assert.InRange(reach, 1, Small.ReceptiveRadius);
    }

    [Theory]
    [InlineData(0, "output channels 0")]
    public void Validate_WrongValues_NamesThem(int outputs, string expected)
    {
        var error = Assert.Throws<ArgumentException>(() => new UNet(new UNetOptions { OutputChannels = outputs, Widths = [], StemFactor = 99 }));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains("widths []", error.Message, StringComparison.Ordinal);
        Assert.Contains("stem factor 99", error.Message, StringComparison.Ordinal);
    }
}
