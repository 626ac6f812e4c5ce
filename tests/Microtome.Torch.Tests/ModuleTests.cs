using Microtome.Torch.Modules;
using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Torch.Tests;

public class ModuleTests
{
    private sealed class Nested : Module<Tensor, Tensor>
    {
        private readonly Sequential body = Sequential(("first", Linear(2, 3)), ("second", ReLU()), ("third", Linear(3, 1)));
        private readonly ModuleList<Linear> more = ModuleList(Linear(1, 1), Linear(1, 1));
        private readonly Parameter scale = Parameter(ones(1));
        private readonly Tensor offset = zeros(1);

        public Nested()
            : base(nameof(Nested)) => RegisterComponents();

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            return (more[1].forward(more[0].forward(body.forward(input))) * scale + offset).MoveToOuterDisposeScope();
        }
    }

    [Fact]
    public void Names_OfNestedModules_AreTheFieldsAndPositions()
    {
        using var net = new Nested();
        Assert.Equal(["scale", "offset", "body.first.weight", "body.first.bias", "body.third.weight", "body.third.bias", "more.0.weight", "more.0.bias", "more.1.weight", "more.1.bias"], net.state_dict().Keys);
        Assert.Equal(["offset"], net.named_buffers().Select(b => b.name));
        Assert.Equal(9, net.parameters().Count());
        Assert.Contains("body.second", net.named_modules().Select(m => m.name));
    }

    [Fact]
    public void Dispose_FreesEverything()
    {
        var before = LiveTensors.Settled();
        using (var net = new Nested())
        using (var input = ones(1, 2))
        using (net.forward(input))
            Assert.True(live_tensors > before);
        Assert.Equal(before, LiveTensors.Settled());
    }

    [Fact]
    public void Eval_ReachesEveryChildAndStopsDropoutAndBatchStatistics()
    {
        using var scope = NewDisposeScope();
        using var net = Sequential(BatchNorm2d(2), Dropout(0.5));
        var input = randn(3, 2, 4, 4) + 5;
        net.train();
        Assert.True(net.forward(input).eq(0).any().item<bool>());
        net.eval();
        Assert.All(net.modules(), m => Assert.False(m.training));
        var norm = (BatchNorm2d)net[0];
        // after one step at momentum 0.1 the running mean is a tenth of the batch's
        Assert.True(norm.running_mean!.allclose(input.mean([0, 2, 3]) * 0.1, 1e-4));
        Assert.Equal(1, norm.num_batches_tracked!.item<long>());
        Assert.True(net.forward(input).allclose((input - norm.running_mean.view(1, 2, 1, 1)) / (norm.running_var!.view(1, 2, 1, 1) + 1e-5).sqrt(), 1e-4, 1e-5));
    }

    [Fact]
    public void To_AnotherTypeAndOrder_KeepsTheParametersAndTheResult()
    {
        using var scope = NewDisposeScope();
        using var net = Conv2d(3, 4, 3);
        var parameter = net.weight;
        var input = randn(1, 3, 8, 8);
        var expected = net.forward(input).to(float64);
        net.to(channels_last).to(float64);
        Assert.Same(parameter, net.weight);
        Assert.Equal(float64, net.weight.dtype);
        Assert.True(net.weight.is_contiguous(channels_last));
        Assert.True(net.weight.requires_grad);
        Assert.True(net.forward(input.to(float64)).allclose(expected, 1e-4, 1e-5));
    }

    [Fact]
    public void LoadStateDict_ThatDoesNotFit_SaysWhichNames()
    {
        using var scope = NewDisposeScope();
        using var net = Linear(2, 1);
        var missing = Assert.Throws<ArgumentException>(() => net.load_state_dict(new Dictionary<string, Tensor> { ["weight"] = ones(1, 2), ["extra"] = ones(1) }));
        Assert.Contains("missing [bias]", missing.Message, StringComparison.Ordinal);
        Assert.Contains("[extra]", missing.Message, StringComparison.Ordinal);
        var shape = Assert.Throws<ArgumentException>(() => net.load_state_dict(new Dictionary<string, Tensor> { ["weight"] = ones(2, 2), ["bias"] = ones(1) }));
        Assert.Contains("'weight' has shape [2, 2], the network needs [1, 2]", shape.Message, StringComparison.Ordinal);
        net.load_state_dict(new Dictionary<string, Tensor> { ["weight"] = full([1, 2], 3) }, strict: false);
        Assert.Equal(3, net.weight[0, 0].item<float>());
    }

    [Fact]
    public void SharedModule_CountsItsParametersOnce()
    {
        using var shared = Linear(2, 2);
        using var net = Sequential(shared, ReLU(), shared);
        Assert.Equal(2, net.parameters().Count());
        Assert.Equal(4, net.state_dict().Count);
    }

    [Fact]
    public void Lstm_OneStep_EqualsItsGates()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        using var lstm = LSTM(3, 2);
        var input = randn(1, 1, 3);
        var (output, hidden, cell) = lstm.forward(input);
        var p = lstm.state_dict();
        // from a state of zeros: c = sigmoid(i) tanh(g), h = sigmoid(o) tanh(c)
        var gates = (p["weight_ih_l0"].matmul(input[0, 0]) + p["bias_ih_l0"] + p["bias_hh_l0"]).chunk(4);
        var expectedCell = gates[0].sigmoid() * gates[2].tanh();
        Assert.True(cell.flatten().allclose(expectedCell, 1e-5, 1e-6));
        Assert.True(hidden.flatten().allclose(gates[3].sigmoid() * expectedCell.tanh(), 1e-5, 1e-6));
        Assert.True(output.equal(hidden));
    }

    [Fact]
    public void Gru_OverASequenceBothWays_HasTheShapesOfItsStates()
    {
        using var scope = NewDisposeScope();
        using var gru = GRU(3, 4, numLayers: 2, batchFirst: true, bidirectional: true);
        var (output, hidden) = gru.forward(randn(5, 7, 3));
        Assert.Equal([5, 7, 8], output.shape);
        Assert.Equal([4, 5, 4], hidden.shape);
        output.sum().backward();
        Assert.All(gru.parameters(), p => Assert.NotNull(p.grad));
    }

    [Fact]
    public void KaimingAndXavier_HaveTheirVariances()
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        var w = empty(256, 64, 3, 3);
        Assert.Equal(Math.Sqrt(2.0 / (64 * 9)), init.kaiming_normal_(w, mode: init.FanInOut.FanIn, nonlinearity: init.NonlinearityType.ReLU).std().item<double>(), 3e-4);
        Assert.Equal(Math.Sqrt(2.0 / (256 * 9)), init.kaiming_normal_(w, mode: init.FanInOut.FanOut, nonlinearity: init.NonlinearityType.ReLU).std().item<double>(), 3e-4);
        Assert.Equal(Math.Sqrt(2.0 / ((64 + 256) * 9)), init.xavier_uniform_(w).std().item<double>(), 3e-4);
        init.trunc_normal_(w, std: 2, a: -1, b: 3);
        Assert.True(w.min().item<float>() >= -1 && w.max().item<float>() <= 3);
        Assert.False(w.requires_grad);
    }

    [Fact]
    public void Vector_OfParametersAndBack_IsTheIdentity()
    {
        using var scope = NewDisposeScope();
        using var net = new Nested();
        var vector = utils.parameters_to_vector(net.parameters()).detach();
        utils.vector_to_parameters(vector * 2, net.parameters());
        Assert.True(utils.parameters_to_vector(net.parameters()).equal(vector * 2));
    }
}
