using static Microtome.Torch.torch;

namespace Microtome.Torch.Tests;

/// <summary>
/// Gradients against central differences in double precision: f'(x) = (f(x + h) - f(x - h)) / 2h. Every recorded call that carries a
/// gradient is an operation to check; its inputs are the points.
/// </summary>
public class GradientTests
{
    private const double Step = 1e-6;
    private const int Probes = 12;

    /// <summary>Defined on symmetric matrices only: the check moves along symmetric ones.</summary>
    private static readonly HashSet<string> symmetric = new(StringComparer.Ordinal) { "linalg_cholesky", "linalg_eigvalsh", "linalg_eigh_abs" };

    // left out: modules (their parts are here) and the padding row of an embedding, whose gradient is withheld on purpose
    public static TheoryData<string> Cases => [.. RecordedCase.All.Values.Where(c => c.Gradients.Length > 0 && !RecordedModuleTests.IsModule(c.Op) && !c.Has("padding_idx")).Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Backward_Double_EqualsCentralDifferences(string name)
    {
        using var scope = NewDisposeScope();
        var recorded = RecordedCase.All[name];
        var inputs = Enumerable.Range(0, recorded.Inputs).Select(recorded.Input).Select(t => t.is_floating_point() ? t.to(float64) : t).ToArray();
        foreach (var i in recorded.Gradients)
            inputs[i].requires_grad_();
        var outputs = Call(recorded, inputs);
        var counted = outputs.Select(o => o.is_floating_point() && o.requires_grad).ToArray();
        OperationTests.Total(outputs)!.backward();
        foreach (var i in recorded.Gradients)
        {
            var gradient = inputs[i].grad!.data<double>().ToArray();
            var scale = Math.Max(1, gradient.Select(Math.Abs).DefaultIfEmpty().Max());
            // evenly spread elements of large inputs, all of small ones
            var stride = Math.Max(1, gradient.Length / Probes);
            for (var k = 0; k < gradient.Length; k += stride)
            {
                var difference = (At(i, k, Step) - At(i, k, -Step)) / (2 * Step);
                Assert.True(Math.Abs(difference - gradient[k]) <= 1e-5 * scale,
                    $"{name}: derivative by element {k} of input {i} is {gradient[k]:G9}, central differences say {difference:G9}");
            }
        }

        double At(int input, int element, double move)
        {
            using var inner = NewDisposeScope();
            using var off = no_grad();
            var moved = inputs.ToArray();
            moved[input] = inputs[input].detach().clone();
            moved[input].AsSpan<double>()[element] += move;
            var values = Call(recorded, moved);
            var sum = 0.0;
            for (var i = 0; i < values.Length; i++)
                if (counted[i])
                    sum += (values[i] * RecordedCase.Weights(values[i])).sum().item<double>();
            return sum;
        }
    }

    private static Tensor[] Call(RecordedCase recorded, Tensor[] inputs)
    {
        Tensor[] rest = inputs[1..];
        if (symmetric.Contains(recorded.Op))
            return Operations.Run(recorded, [(inputs[0] + inputs[0].transpose(-2, -1)) / 2, .. rest]);
        // libtorch's backward of CTC is that of the loss after a log softmax, which changes nothing here but the direction of the gradient
        if (recorded.Op == "ctc_loss")
            return Operations.Run(recorded, [inputs[0].log_softmax(-1), .. rest]);
        return Operations.Run(recorded, inputs);
    }
}
