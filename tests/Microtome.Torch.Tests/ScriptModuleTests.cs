using static Microtome.Torch.torch;

namespace Microtome.Torch.Tests;

/// <summary>TorchScript files written by PyTorch (generate.py) with the outputs that it gave.</summary>
public class ScriptModuleTests
{
    private static readonly FixtureFile recorded = new("model.safetensors");

    [Fact]
    public void Load_FileOfPyTorch_GivesItsOutput()
    {
        using var scope = NewDisposeScope();
        using var model = jit.load<Tensor, Tensor>(FixtureFile.PathOf("model.pt"));
        Assert.False(model.training);
        Close.Equal(recorded.Read("output"), model.forward(recorded.Read("input")), 1e-6, "output");
    }

    [Fact]
    public void LoadFrozen_ConvolutionsWithSumsAndReluBehindThem_GiveWhatPyTorchGave()
    {
        using var scope = NewDisposeScope();
        var expected = new FixtureFile("convolutions.safetensors");
        using var model = jit.load_frozen(FixtureFile.PathOf("convolutions.pt"));
        using var off = no_grad();
        for (var run = 0; run < 3; run++)
        {
            var outputs = model.forward(expected.Read("input"));
            Assert.Equal(8, outputs.Length);
            for (var i = 0; i < outputs.Length; i++)
                Close.Equal(expected.Read($"output{i}"), outputs[i].contiguous(), 2e-5, $"run {run}, output {i}");
        }
    }

    [Fact]
    public void Train_DropoutAndBatchStatistics_AreInUse()
    {
        using var scope = NewDisposeScope();
        using var model = jit.load(FixtureFile.PathOf("model.pt"));
        model.train();
        Assert.True(model.training);
        Assert.False(model.forward(recorded.Read("input"))[0].allclose(recorded.Read("output")));
        model.eval();
        Assert.False(model.training);
    }

    [Fact]
    public void StateDict_OfAFile_HasItsNamesAndBytes()
    {
        using var scope = NewDisposeScope();
        using var model = jit.load(FixtureFile.PathOf("model.pt"));
        var named = model.state_dict();
        var expected = recorded.Names.Where(n => n.StartsWith("weights.", StringComparison.Ordinal)).ToArray();
        Assert.Equal(expected.Select(n => n[8..]).Order(StringComparer.Ordinal), named.Keys.Order(StringComparer.Ordinal));
        foreach (var name in expected)
            Assert.Equal(recorded.Bytes(name), named[name[8..]].ToBytes());
    }

    [Fact]
    public void Forward_TupleOfTwo_ComesBackAsTuple()
    {
        using var scope = NewDisposeScope();
        using var model = jit.load<Tensor, Tensor, (Tensor, Tensor)>(FixtureFile.PathOf("model-tuple.pt"));
        var (sum, product) = model.forward(recorded.Read("a"), recorded.Read("b"));
        Close.Equal(recorded.Read("sum"), sum, 0, "sum");
        Close.Equal(recorded.Read("product"), product, 0, "product");
        using var wrong = jit.load<Tensor, Tensor, Tensor>(FixtureFile.PathOf("model-tuple.pt"));
        Assert.Contains("returned 2 tensors", Assert.Throws<TorchException>(() => wrong.forward(recorded.Read("a"), recorded.Read("b"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void To_Double_GivesDoubles()
    {
        using var scope = NewDisposeScope();
        using var model = jit.load<Tensor, Tensor>(FixtureFile.PathOf("model.pt"));
        model.to(float64);
        var output = model.forward(recorded.Read("input").to(float64));
        Assert.Equal(ScalarType.Float64, output.dtype);
        Close.Equal(recorded.Read("output").to(float64), output, 1e-5, "output");
    }

    [Fact]
    public void Parameters_TrainedFromHere_ChangeTheScript()
    {
        using var scope = NewDisposeScope();
        using var model = jit.load<Tensor, Tensor>(FixtureFile.PathOf("model.pt"));
        Tensor input = recorded.Read("input"), target = ones(2, 2);
        using var optimizer = optim.SGD(model.parameters(), 0.1);
        var losses = new List<float>();
        for (var i = 0; i < 20; i++)
        {
            optimizer.zero_grad();
            var loss = nn.functional.mse_loss(model.forward(input), target);
            losses.Add(loss.item<float>());
            loss.backward();
            optimizer.step();
        }
        Assert.True(losses[^1] < losses[0] / 4, $"{losses[0]} to {losses[^1]}");
    }

    [Fact]
    public void Forward_WrongShape_CarriesTheMessageOfLibtorch()
    {
        using var scope = NewDisposeScope();
        using var model = jit.load(FixtureFile.PathOf("model.pt"));
        Assert.Contains("expected input[2, 5, 6, 7] to have 3 channels", Assert.Throws<TorchException>(() => model.forward(zeros(2, 5, 6, 7))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_WhatIsNotAScript_NamesTheFileAndTheReason()
    {
        var missing = Assert.Throws<TorchException>(() => jit.load("/no/such/model.pt"));
        Assert.Contains("/no/such/model.pt", missing.Message, StringComparison.Ordinal);
        var other = Assert.Throws<TorchException>(() => jit.load(FixtureFile.PathOf("ops.json")));
        Assert.Contains("ops.json", other.Message, StringComparison.Ordinal);
        Assert.Contains("PytorchStreamReader", other.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_TruncatedFile_IsRefusedAtEveryLength()
    {
        var bytes = File.ReadAllBytes(FixtureFile.PathOf("model.pt"));
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".pt");
        try
        {
            for (var length = 0; length < bytes.Length; length += 977)
            {
                File.WriteAllBytes(path, bytes[..length]);
                Assert.Throws<TorchException>(() => jit.load(path));
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Forward_Repeated_LeavesNoTensor()
    {
        using var model = jit.load<Tensor, Tensor>(FixtureFile.PathOf("model.pt"));
        using var input = recorded.Read("input");
        for (var i = 0; i < 3; i++)
        {
            using var output = model.forward(input);
            Assert.False(output.IsInvalid);
        }
        using var scope = NewDisposeScope();
        model.forward(input);
        Assert.Equal(1, scope.DisposablesCount);
    }
}
