using Microtome.Torch;
using static Microtome.Torch.torch;

namespace Microtome.Networks.Tests;

public class UNetGrowthTests
{
    private static readonly UNetOptions Narrow = new() { Widths = [8, 16, 16] };

    [Fact]
    public void StartFrom_ANarrowerNetwork_AnswersTheSame()
    {
        manual_seed(11);
        using var scope = NewDisposeScope();
        using var trained = Trained(Narrow);
        using var wide = new UNet(Narrow with { Widths = [16, 24, 40] });
        wide.StartFrom(trained);
        wide.eval();
        using var off = no_grad();
        var picture = rand([2, 3, 64, 96]);
        var expected = trained.forward(picture);
        Assert.True(expected.std().item<float>() > 0.05f, "The answer is flat, which any network gives.");
        Assert.True((wide.forward(picture) - expected).abs().max().item<float>() < 1e-5f);
    }

    [Fact]
    public void StartFrom_ANarrowerNetwork_LetsTheNewChannelsLearn()
    {
        manual_seed(12);
        using var scope = NewDisposeScope();
        using var trained = Trained(Narrow);
        using var wide = new UNet(Narrow with { Widths = [16, 24, 40] });
        wide.StartFrom(trained);
        var before = wide.state_dict().ToDictionary(pair => pair.Key, pair => pair.Value.clone(), StringComparer.Ordinal);
        using var optimizer = optim.AdamW(wide.parameters(), lr: 1e-2);
        for (var i = 0; i < 3; i++)
        {
            optimizer.zero_grad();
            wide.forward(rand([2, 3, 64, 64])).square().mean().backward();
            optimizer.step();
        }

        var name = "encoder.2.0.conv.weight";
        Assert.True((wide.state_dict()[name] - before[name]).narrow(0, 16, 24).abs().max().item<float>() > 1e-4f);
    }

    [Fact]
    public void StartFrom_TheSameShape_CopiesEverything()
    {
        using var scope = NewDisposeScope();
        using var trained = Trained(Narrow);
        using var other = new UNet(Narrow);
        other.StartFrom(trained);
        var expected = trained.state_dict();
        Assert.All(other.state_dict(), pair => Assert.True(pair.Value.equal(expected[pair.Key]), pair.Key));
    }

    [Fact]
    public void StartFrom_AWiderNetwork_SaysWhatIsTooNarrow()
    {
        using var trained = new UNet(Narrow);
        using var network = new UNet(Narrow with { Widths = [8, 12, 16] });
        Assert.Contains("8,12,16", Assert.Throws<ArgumentException>(() => network.StartFrom(trained)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 2, 3)]
    [InlineData(2, 1, 3)]
    [InlineData(2, 2, 4)]
    public void StartFrom_AnotherShape_IsRefused(int stem, int convolutions, int levels)
    {
        using var trained = new UNet(Narrow);
        using var network = new UNet(Narrow with { StemFactor = stem, EncoderConvolutions = convolutions, Widths = [.. Enumerable.Repeat(16, levels)] });
        Assert.Contains("only in width", Assert.Throws<ArgumentException>(() => network.StartFrom(trained)).Message, StringComparison.Ordinal);
    }

    // Some steps of batch norm statistics, so that they are not those of a fresh network.
    private static UNet Trained(UNetOptions options)
    {
        var network = new UNet(options);
        for (var i = 0; i < 5; i++)
            network.forward(rand([4, 3, 32, 32]) * 2).Dispose();
        network.eval();
        return network;
    }
}
