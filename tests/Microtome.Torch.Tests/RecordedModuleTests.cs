using static Microtome.Torch.torch;

namespace Microtome.Torch.Tests;

/// <summary>Modules with the weights of PyTorch's against its values and gradients, weights included.</summary>
public class RecordedModuleTests
{
    internal static bool IsModule(string op) => op is "multihead_attention" or "lstm" or "gru";

    public static TheoryData<string> Cases => [.. RecordedCase.All.Values.Where(c => IsModule(c.Op)).Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Forward_WeightsOfPyTorch_SameValuesAndGradients(string name)
    {
        using var scope = NewDisposeScope();
        var recorded = RecordedCase.All[name];
        var (module, run) = Make(recorded);
        using var owned = module;
        var names = recorded.Args.GetProperty("names").EnumerateArray().Select(e => e.GetString()!).ToArray();
        var first = recorded.Inputs - names.Length;
        module.load_state_dict(names.Select((n, i) => (n, t: recorded.Input(i + first))).ToDictionary(p => p.n, p => p.t, StringComparer.Ordinal));
        var inputs = Enumerable.Range(0, first).Select(i => recorded.Input(i).requires_grad_()).ToArray();
        var outputs = run(inputs);
        for (var i = 0; i < outputs.Length; i++)
            Close.Equal(recorded.Output(i), outputs[i], 1e-5, $"{name} output {i}");
        OperationTests.Total(outputs)!.backward();
        for (var i = 0; i < first; i++)
            Close.Equal(recorded.Gradient(i), inputs[i].grad!, 1e-5, $"{name} gradient of input {i}");
        var parameters = module.named_parameters().ToDictionary(p => p.name, p => p.parameter, StringComparer.Ordinal);
        for (var i = 0; i < names.Length; i++)
            Close.Equal(recorded.Gradient(i + first), parameters[names[i]].grad!, 1e-5, $"{name} gradient of {names[i]}");
    }

    private static (nn.Module Module, Func<Tensor[], Tensor[]> Run) Make(RecordedCase recorded)
    {
        switch (recorded.Op)
        {
            case "multihead_attention":
                var attention = nn.MultiheadAttention(8, recorded.Long("heads"), batch_first: recorded.Bool("batch_first"));
                return (attention, x => [attention.forward(x[0], x[1], x[2])]);
            case "lstm":
                var lstm = nn.LSTM(3, 4, recorded.Long("layers"), batchFirst: recorded.Bool("both"), bidirectional: recorded.Bool("both"));
                return (lstm, x => List(lstm.forward(x[0])));
            default:
                var gru = nn.GRU(3, 4, recorded.Long("layers"), batchFirst: recorded.Bool("both"), bidirectional: recorded.Bool("both"));
                return (gru, x => List(gru.forward(x[0])));
        }
    }

    private static Tensor[] List((Tensor, Tensor, Tensor) t) => [t.Item1, t.Item2, t.Item3];
    private static Tensor[] List((Tensor, Tensor) t) => [t.Item1, t.Item2];

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
