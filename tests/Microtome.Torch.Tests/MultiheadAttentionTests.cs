using static Microtome.Torch.torch;

namespace Microtome.Torch.Tests;

/// <summary>The module against PyTorch's, with its weights, in both layouts.</summary>
public class MultiheadAttentionTests
{
    public static TheoryData<string> Cases => [.. RecordedCase.All.Keys.Where(k => k.EndsWith("multihead_attention", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Forward_WeightsOfPyTorch_SameValuesAndGradients(string name)
    {
        using var scope = NewDisposeScope();
        var recorded = RecordedCase.All[name];
        using var module = nn.MultiheadAttention(8, recorded.Long("heads"), batch_first: recorded.Bool("batch_first"));
        string[] names = ["in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias"];
        module.load_state_dict(names.Select((n, i) => (n, t: recorded.Input(i + 3))).ToDictionary(p => p.n, p => p.t, StringComparer.Ordinal));
        var inputs = Enumerable.Range(0, 3).Select(i => recorded.Input(i).requires_grad_()).ToArray();
        var output = module.forward(inputs[0], inputs[1], inputs[2]);
        Close.Equal(recorded.Output(0), output, 1e-5, name);
        (output * RecordedCase.Weights(output)).sum().backward();
        for (var i = 0; i < 3; i++)
            Close.Equal(recorded.Gradient(i), inputs[i].grad!, 1e-5, $"{name} gradient of input {i}");
        var parameters = module.named_parameters().ToDictionary(p => p.name, p => p.parameter, StringComparer.Ordinal);
        for (var i = 0; i < names.Length; i++)
            Close.Equal(recorded.Gradient(i + 3), parameters[names[i]].grad!, 1e-5, $"{name} gradient of {names[i]}");
    }

    [Fact]
    public void Attention_Causal_EqualsMaskAndIgnoresTheFuture()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        Tensor q = randn(2, 5, 4), k = randn(2, 5, 4), v = randn(2, 5, 4);
        var causal = nn.functional.scaled_dot_product_attention(q, k, v, is_causal: true);
        var added = full([5, 5], double.NegativeInfinity).triu(1);
        Close.Equal(causal, nn.functional.scaled_dot_product_attention(q, k, v, added), 1e-6, "added mask");
        var later = v.clone();
        later.narrow(1, 3, 2).fill_(7);
        Close.Equal(causal.narrow(1, 0, 3), nn.functional.scaled_dot_product_attention(q, k, later, is_causal: true).narrow(1, 0, 3), 0, "the past");
    }
}
