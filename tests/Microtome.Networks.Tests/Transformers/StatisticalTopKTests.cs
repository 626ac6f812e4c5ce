using Microtome.Torch;
using static Microtome.Torch.torch;

namespace Microtome.Networks.Tests;

public sealed class StatisticalTopKTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public StatisticalTopKTests() => manual_seed(5);

    public void Dispose() => scope.Dispose();

    // Expected counts: iid normal 1,106 +- 20; other shapes as the tails of their distributions beyond 1.405 deviations say.
    [Fact]
    public void Soft_NormalNumbers_KeepsAboutK()
    {
        var kept = StatisticalTopK.Soft(randn([200, 13824]), 1106).gt(0).sum(1L).to(ScalarType.Float64);
        Assert.InRange(kept.mean([0]).item<double>(), 1100, 1112);
        Assert.InRange(kept.std().item<double>(), 15, 25);
    }

    [Fact]
    public void Soft_OtherShapes_KeepTheirTails()
    {
        var uniform = StatisticalTopK.Soft(rand([50, 13824]), 1106).gt(0).to(ScalarType.Float32).mean().item<float>();
        Assert.InRange(uniform, 0.092, 0.097);
        var exponential = StatisticalTopK.Soft(empty([50, 13824]).exponential_(), 1106).gt(0).to(ScalarType.Float32).mean().item<float>();
        Assert.InRange(exponential, 0.088, 0.093);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.3)]
    public void Soft_Gradient_IsThatOfPlainOperators(double smoothing)
    {
        var x = (randn([7, 64]) * 2 + 5).detach().requires_grad_();
        var direction = randn([7, 64]);
        var own = autograd.grad([(StatisticalTopK.Soft(x, 9, smoothing) * direction).sum()], [x])[0]!;
        double z = StatisticalTopK.Quantile(9, 64);
        var above = (x - (x.mean(-1, keepdim: true) + (x.std(-1, unbiased: false, keepdim: true) * z))).relu();
        var plain = smoothing > 0 ? where(above < smoothing, above.square() / (2 * smoothing), above - (smoothing / 2)) : above;
        var expected = autograd.grad([(plain * direction).sum()], [x])[0]!;
        Assert.InRange((own - expected).abs().max().item<float>(), 0, 1e-5f);
    }

    [Fact]
    public void Soft_Gradient_FollowsFiniteDifferences()
    {
        var x = randn([1, 40], ScalarType.Float64).requires_grad_();
        var direction = randn([1, 40], ScalarType.Float64);
        double Value(Tensor at) => (StatisticalTopK.Soft(at, 6) * direction).sum().item<double>();
        (StatisticalTopK.Soft(x, 6) * direction).sum().backward();
        for (int i = 0; i < 40; i++)
        {
            const double Step = 1e-6;
            using var off = no_grad();
            var (up, down) = (x.detach().clone(), x.detach().clone());
            up[0, i].fill_(up[0, i].item<double>() + Step);
            down[0, i].fill_(down[0, i].item<double>() - Step);
            Assert.Equal((Value(up) - Value(down)) / (2 * Step), x.grad![0, i].item<double>(), 1e-6);
        }
    }

    [Fact]
    public void Soft_KeepAll_ChangesNothing_AndEqualNumbersGiveNoNan()
    {
        var x = randn([3, 10]);
        Assert.True(StatisticalTopK.Soft(x, 10).equal(x));
        var same = ones([2, 10]).requires_grad_();
        var y = StatisticalTopK.Soft(same, 3);
        y.sum().backward();
        Assert.Equal(0, y.abs().sum().item<float>());
        Assert.True(same.grad!.isfinite().all().item<bool>());
    }

    [Theory]
    [InlineData(13824, 1106, 1.4050)]
    [InlineData(100, 5, 1.6449)]
    public void Quantile_KnownParts(int count, int k, double expected) => Assert.Equal(expected, StatisticalTopK.Quantile(k, count), 1e-3);
}
