using static Microtome.Torch.torch;

namespace Microtome.Torch.Tests;

public class AutogradTests
{
    [Fact]
    public void Backward_OfAProduct_GivesTheOtherFactor()
    {
        using var scope = NewDisposeScope();
        var x = tensor([2.0, 3.0], requires_grad: true);
        var y = tensor([5.0, 7.0], requires_grad: true);
        (x * y).sum().backward();
        Assert.Equal([5.0, 7], x.grad!.data<double>().ToArray());
        Assert.Equal([2.0, 3], y.grad!.data<double>().ToArray());
    }

    [Fact]
    public void Grad_Twice_GivesTheSecondDerivative()
    {
        using var scope = NewDisposeScope();
        var x = tensor(2.0, requires_grad: true);
        var first = autograd.grad([x.pow(3)], [x], create_graph: true)[0]!;
        Assert.Equal(12, first.item<double>());
        Assert.Equal(12, autograd.grad([first], [x])[0]!.item<double>());
        var unused = tensor(1.0, requires_grad: true);
        Assert.Null(autograd.grad([x * 2], [unused], allow_unused: true)[0]);
    }

    [Fact]
    public void NoGradAndInferenceMode_RecordNothing_AndEndWithTheirBlock()
    {
        using var scope = NewDisposeScope();
        var x = ones([1], float32, requires_grad: true);
        using (no_grad())
        {
            Assert.False((x * 2).requires_grad);
            using (enable_grad())
                Assert.True((x * 2).requires_grad);
        }
        using (inference_mode())
            Assert.False((x * 2).requires_grad);
        Assert.True((x * 2).requires_grad);
        Assert.False(x.detach().requires_grad);
    }

    [Fact]
    public void RequiresGrad_OnIntegers_IsRefused()
    {
        using var t = ones([2], int64);
        Assert.Throws<TorchException>(() => t.requires_grad_());
    }

    private sealed class Cube : autograd.Function
    {
        protected override Tensor[] forward(Tensor[] inputs)
        {
            save_for_backward(inputs[0]);
            return [inputs[0].pow(3)];
        }

        protected override Tensor?[] backward(Tensor?[] grad_outputs) => [grad_outputs[0]! * 3 * saved_tensors[0].square()];
    }

    private sealed class Broken : autograd.Function
    {
        protected override Tensor[] forward(Tensor[] inputs) => [inputs[0] * 2];
        protected override Tensor?[] backward(Tensor?[] grad_outputs) => throw new InvalidOperationException("no derivative today");
    }

    [Fact]
    public void Function_InCSharp_TakesPartInTheGraphAndIsFreed()
    {
        var before = LiveTensors.Settled();
        using (NewDisposeScope())
        {
            var x = tensor([2.0, -1.0], requires_grad: true);
            (new Cube().apply(x * 2)[0] * 10).sum().backward();
            // d/dx 10 (2x)^3 = 240 x^2
            Assert.Equal([960.0, 240], x.grad!.data<double>().ToArray());
        }
        Assert.Equal(before, LiveTensors.Settled());
    }

    [Fact]
    public void Function_ThatThrowsInBackward_GivesItsMessage()
    {
        using var scope = NewDisposeScope();
        var x = ones([2], float32, requires_grad: true);
        var error = Assert.Throws<TorchException>(() => new Broken().apply(x)[0].sum().backward());
        Assert.Contains("no derivative today", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Checkpoint_WithDropout_GivesTheGradientsOfThePlainRun()
    {
        var before = LiveTensors.Settled();
        using (NewDisposeScope())
        {
            using var layer = nn.Linear(8, 8);
            var data = randn(4, 8);
            var (plain, plainInput) = Run(f => x => f([x]));
            var (checkpointed, input) = Run(f => x => autograd.checkpoint(f, x));
            Assert.Equal(plain, checkpointed);
            Assert.Equal(plainInput, input);

            (float[] Weight, float[] Input) Run(Func<Func<Tensor[], Tensor>, Func<Tensor, Tensor>> wrap)
            {
                manual_seed(9);
                layer.zero_grad();
                var x = data.clone().requires_grad_();
                wrap(list => nn.functional.dropout(layer.forward(list[0]).tanh(), 0.5))(x).square().sum().backward();
                return (layer.weight.grad!.data<float>().ToArray(), x.grad!.data<float>().ToArray());
            }
        }
        Assert.Equal(before, LiveTensors.Settled());
    }

    [Fact]
    public void Anomaly_NotANumberInBackward_NamesTheOperator()
    {
        using var scope = NewDisposeScope();
        autograd.set_detect_anomaly(true);
        try
        {
            var x = zeros([1], float32, requires_grad: true);
            var error = Assert.Throws<TorchException>(() => (x.sqrt() * 0).sum().backward());
            Assert.Contains("SqrtBackward", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            autograd.set_detect_anomaly(false);
        }
    }
}
