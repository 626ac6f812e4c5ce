using Microtome.Torch.Modules;
using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Torch.Tests;

public class TrainingTests
{
    private sealed class Block : Module<Tensor, Tensor>
    {
        private readonly Conv2d down;
        private readonly BatchNorm2d norm;
        private readonly ConvTranspose2d up;

        public Block()
            : base(nameof(Block))
        {
            down = Conv2d(3, 8, 3, stride: 2, padding: 1);
            norm = BatchNorm2d(8);
            up = ConvTranspose2d(8, 1, 2, stride: 2);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var x = functional.relu(norm.forward(down.forward(input)));
            return up.forward(x).MoveToOuterDisposeScope();
        }
    }

    [Fact]
    public void TrainingStep_InAScope_LeavesNoLiveTensorBehindAndLowersTheLoss()
    {
        manual_seed(1);
        using var net = new Block().to(channels_last);
        using var optimizer = optim.AdamW(net.parameters(), lr: 0.01);
        double first = 0, last = 0;
        long settled = 0;
        for (var i = 0; i < 30; i++)
        {
            using (NewDisposeScope())
            {
                manual_seed(7);
                var input = randn(2, 3, 16, 16).contiguous(channels_last);
                var target = (input.sum([1], keepdim: true) > 0).to(float32);
                optimizer.zero_grad();
                var loss = functional.binary_cross_entropy_with_logits(net.forward(input), target);
                loss.backward();
                utils.clip_grad_norm_(net.parameters(), 10);
                optimizer.step();
                last = loss.item<double>();
                if (i == 0)
                    first = last;
            }
            if (i == 0)
                settled = live_tensors;
            else
                Assert.Equal(settled, live_tensors);
        }
        Assert.True(last < first * 0.8, $"{first} -> {last}");
        Assert.Equal(["down.weight", "down.bias", "norm.weight", "norm.bias", "norm.running_mean", "norm.running_var", "norm.num_batches_tracked", "up.weight", "up.bias"], net.state_dict().Keys);
    }

    [Fact]
    public void MatMul_WithShapesThatDoNotFit_NamesTheOperatorAndTheShapes()
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<TorchException>(() => zeros(2, 3).matmul(zeros(4, 5)));
        Assert.Contains("Float[2, 3]", error.Message, StringComparison.Ordinal);
        Assert.Contains("Float[4, 5]", error.Message, StringComparison.Ordinal);
        Assert.Contains("aten::matmul", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Safetensors_SavedAndLoaded_GiveTheSameBytes()
    {
        var path = Path.Combine(Path.GetTempPath(), $"microtome-{Guid.NewGuid():N}.safetensors");
        try
        {
            using var net = new Block();
            net.save(path, new Dictionary<string, string> { ["mpp"] = "0.25" });
            using var other = new Block();
            other.load(path);
            var expected = net.state_dict();
            foreach (var (name, value) in other.state_dict())
                Assert.Equal(expected[name].ToBytes(), value.ToBytes());
            Assert.Equal("0.25", Safetensors.ReadMetadata(path)["mpp"]);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
