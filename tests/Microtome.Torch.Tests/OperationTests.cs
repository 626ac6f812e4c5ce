using static Microtome.Torch.torch;

namespace Microtome.Torch.Tests;

/// <summary>Every recorded call, made again through this library: same values, same gradients.</summary>
public class OperationTests
{
    public static TheoryData<string> Cases => [.. RecordedCase.All.Values.Where(c => !RecordedModuleTests.IsModule(c.Op)).Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Replay_SameInputs_SameValuesAndGradientsAsPyTorch(string name)
    {
        using var scope = NewDisposeScope();
        var recorded = RecordedCase.All[name];
        var inputs = Enumerable.Range(0, recorded.Inputs).Select(recorded.Input).ToArray();
        foreach (var i in recorded.Gradients)
            inputs[i].requires_grad_();
        var outputs = Operations.Run(recorded, inputs);
        Assert.Equal(recorded.Outputs, outputs.Length);

        // One value a group: the answer is the bias plus what rounding leaves of 0, times 1 / sqrt(eps). That rest differs between releases.
        var slack = recorded.Op == "group_norm" && recorded.Long("groups") == recorded.Input(0).shape[1] && recorded.Input(0).ndim == 2 ? 5 : 1;
        for (var i = 0; i < outputs.Length; i++)
            Close.Equal(recorded.Output(i), outputs[i], slack * 1e-5, $"{name} output {i}");
        if (recorded.Gradients.Length == 0)
            return;
        Total(outputs)!.backward();
        foreach (var i in recorded.Gradients)
            Close.Equal(recorded.Gradient(i), inputs[i].grad!, slack * 2e-5, $"{name} gradient {i}");
    }

    [Fact]
    public void Operations_AndRecordings_AreTheSameSet()
    {
        var recorded = RecordedCase.All.Values.Select(c => c.Op).ToHashSet(StringComparer.Ordinal);
        Assert.DoesNotContain(Operations.Names, n => !recorded.Contains(n));
        Assert.DoesNotContain(recorded, n => !Operations.Names.Contains(n) && !RecordedModuleTests.IsModule(n));
    }

    /// <summary>Sum of all outputs that carry a gradient, each weighted as in the recording.</summary>
    internal static Tensor? Total(IEnumerable<Tensor> outputs)
    {
        Tensor? total = null;
        foreach (var output in outputs.Where(o => o.is_floating_point() && o.requires_grad))
        {
            var part = (output * RecordedCase.Weights(output)).sum();
            total = total is null ? part : total + part;
        }
        return total;
    }
}
