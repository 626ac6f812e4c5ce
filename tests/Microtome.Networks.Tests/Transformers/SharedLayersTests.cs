using Microtome.Torch;
using Microtome.Torch.Modules;
using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Networks.Tests;

public sealed class SharedLayersTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public SharedLayersTests() => manual_seed(7);

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Tied_LayersAreOne_AndUntying_ChangesNoBit()
    {
        using var network = Network();
        var x = randn([2, 5, 16]);
        var shared = new SharedLayers(network.Layers);
        Assert.Equal(3 * network.Layers[0].parameters().Count(), shared.Followers().Count);
        foreach (var layer in network.Layers)
            Assert.True(layer.parameters().First().equal(network.Layers[0].parameters().First()));
        using (no_grad())
            network.Layers[0].parameters().First().add_(0.5);
        Assert.True(network.Layers[3].parameters().First().equal(network.Layers[0].parameters().First()));
        var before = network.forward(x);
        shared.Untie();
        Assert.True(before.equal(network.forward(x)));
        Assert.False(shared.Tied);

        // Now they are their own.
        using (no_grad())
            network.Layers[0].parameters().First().add_(0.5);
        Assert.False(network.Layers[1].parameters().First().equal(network.Layers[0].parameters().First()));
    }

    [Fact]
    public void AverageGradients_IsTheMeanOfIndependentCopies()
    {
        using var network = Network();
        var shared = new SharedLayers(network.Layers);
        using var copies = Network();
        copies.load_state_dict(network.state_dict());
        var x = randn([2, 5, 16]);
        network.forward(x).square().sum().backward();
        copies.forward(x).square().sum().backward();
        shared.AverageGradients();
        var names = network.Layers[0].named_parameters().ToList();
        for (int p = 0; p < names.Count; p++)
        {
            var expected = stack([.. copies.Layers.Select(l => l.parameters().ElementAt(p).grad!)]).mean([0L]);
            Assert.InRange((expected - names[p].parameter.grad!).abs().max().item<float>(), 0, 1e-4f);
            Assert.Null(network.Layers[2].parameters().ElementAt(p).grad);
        }
    }

    [Fact]
    public void Units_TieEveryAth()
    {
        using var network = Network();
        var shared = new SharedLayers(network.Layers, unit: 2);
        Assert.Equal([[0, 2], [1, 3]], shared.Groups);
        Assert.Throws<ArgumentException>(() => new SharedLayers(network.Layers, unit: 3));
    }

    [Fact]
    public void Cut_MakesGroupsThatGoOnApart()
    {
        using var network = Network();
        var shared = new SharedLayers(network.Layers);
        shared.Cut([(0, 1)]);
        Assert.Equal([[0], [1, 2, 3]], shared.Groups);
        using (no_grad())
            network.Layers[1].parameters().First().add_(1);
        Assert.False(network.Layers[0].parameters().First().equal(network.Layers[1].parameters().First()));
        Assert.True(network.Layers[3].parameters().First().equal(network.Layers[1].parameters().First()));
        Assert.Equal(3, shared.Copies()[network.Layers[1].parameters().First()]);
    }

    [Fact]
    public void Correlations_OfEqualGradients_AreOne()
    {
        // Linear layers one after the other, from the identity, towards a symmetric target: all gradients are equal.
        using var chain = new ModuleList<Linear>(Enumerable.Range(0, 4).Select(_ => Linear(3, 3, hasBias: false)));
        using (no_grad())
        {
            foreach (var layer in chain)
                layer.weight.copy_(eye(3));
        }

        var shared = new SharedLayers([.. chain]);
        var x = eye(3);
        foreach (var layer in chain)
            x = layer.forward(x);
        (x - (eye(3) * 2)).square().sum().backward();
        Assert.All(shared.Correlations()[0], c => Assert.Equal(1, c, 1e-6));
        Assert.Equal(shared.SquaredNorms()[0].Each, shared.SquaredNorms()[0].Mean, 1e-4);
    }

    [Fact]
    public void Schedules_CutWhenTheySay()
    {
        using var network = Network();
        var shared = new SharedLayers(network.Layers);
        var atTen = new SharingSchedule(new SharingOptions { Kind = SharingKind.Fixed, UntieAt = 10 });
        Assert.Empty(atTen.Cuts(9, shared, null));
        Assert.Equal(3, atTen.Cuts(10, shared, null).Count);

        // More than half of the pairs below rho, three looks in a row.
        var adaptive = new SharingSchedule(new SharingOptions { Kind = SharingKind.Adaptive, CheckEvery = 5 });
        Assert.False(adaptive.Looks(6));
        Assert.True(adaptive.Looks(5));
        Assert.Empty(adaptive.Cuts(5, shared, [[0.1, 0.2, 0.9]]));
        Assert.Empty(adaptive.Cuts(10, shared, [[0.1, 0.2, 0.9]]));
        var resumed = new SharingSchedule(new SharingOptions { Kind = SharingKind.Adaptive, CheckEvery = 5 });
        resumed.Restore(adaptive.Save());
        Assert.Empty(adaptive.Cuts(15, shared, [[0.1, 0.6, 0.9]]));
        Assert.Equal(3, resumed.Cuts(15, shared, [[0.1, 0.2, 0.9]]).Count);

        var multi = new SharingSchedule(new SharingOptions { Kind = SharingKind.MultiStep, Patience = 2 });
        Assert.Empty(multi.Cuts(1000, shared, [[0.9, 0.1, 0.9]]));
        Assert.Equal([(0, 2)], multi.Cuts(2000, shared, [[0.9, 0.1, 0.4]]));
        shared.Cut([(0, 2)]);
        Assert.Equal([[0, 1], [2, 3]], shared.Groups);
        Assert.Equal([(1, 1)], multi.Cuts(3000, shared, [[0.9], [0.4]]));
    }

    private static Transformer Network() => new(new TransformerOptions { Layers = 4, Width = 16, Heads = 2, Vocabulary = 10, MaxLength = 8, InitialDeviation = 0.2 });
}
