using Microtome.Networks;
using Microtome.Torch;
using Microtome.Torch.Modules;
using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Language;

/// <summary>AdamW over a model some of whose layers may hold their weights in common: it moves one of each group, and carries its memory over when the group is cut.</summary>
internal sealed class SharedOptimizer : IDisposable
{
    private readonly Module model;
    private readonly PretrainingOptions options;
    private readonly SharedLayers? layers;
    private AdamW adam;
    private Parameter[] parameters;
    private double[] copies;

    public SharedOptimizer(Module model, PretrainingOptions options, SharedLayers? layers)
    {
        (this.model, this.options, this.layers) = (model, options, layers);
        (adam, parameters, copies) = Build();
    }

    public IReadOnlyList<Parameter> Parameters => parameters;

    public AdamW Adam => adam;

    public void ZeroGrad() => model.zero_grad();

    /// <summary>
    /// The norm of all gradients; scaled down to the limit if it is larger. A gradient that stands for several layers counts once for each, so that the limit means the same before and after untying.
    /// </summary>
    public double Clip()
    {
        using var off = no_grad();
        using var scope = NewDisposeScope();
        var squares = new List<Tensor>();
        for (int i = 0; i < parameters.Length; i++)
        {
            if (parameters[i].grad is { } gradient)
                squares.Add(gradient.norm().square() * copies[i]);
        }

        double norm = Math.Sqrt(stack(squares).sum().item<float>());
        if (options.ClipNorm > 0 && norm > options.ClipNorm)
        {
            foreach (var parameter in parameters)
                parameter.grad?.mul_(options.ClipNorm / norm);
        }

        return norm;
    }

    public void Step(double rate)
    {
        adam.LearningRate = rate;
        adam.step();
    }

    /// <summary>Cuts groups of layers and gives each new group the memory of its old one, by the rule.</summary>
    public void Cut(IReadOnlyList<(int Group, int After)> places, IReadOnlyList<(double Each, double Mean)> norms)
    {
        using var off = no_grad();
        using var scope = NewDisposeScope();
        var groups = layers!.Groups.ToList();
        var memory = Remembered();
        layers.Cut(places);
        var old = adam;
        (adam, parameters, copies) = Build();
        var state = adam.state_dict();
        foreach (var (prefix, index, parameter) in Places())
        {
            var source = parameter;
            double scale = 1;
            for (int layer = 0; layer < layers.Groups.Sum(static g => g.Length); layer++)
            {
                int at = layers.Parameters(layer).ToList().FindIndex(p => ReferenceEquals(p, parameter));
                if (at < 0)
                    continue;
                int group = groups.FindIndex(g => g.Contains(layer));
                source = layers.Parameters(groups[group][0])[at];
                bool apart = groups[group].Length != layers.Groups.First(g => g.Contains(layer)).Length;
                if (apart && options.Sharing.State == UntieState.Reset)
                    scale = 0;
                else if (apart && options.Sharing.State == UntieState.Rescale && norms[group].Mean > 0)
                    scale = norms[group].Each / norms[group].Mean;
                break;
            }

            if (!memory.TryGetValue(source, out var remembered) || scale == 0)
                continue;
            state[$"{prefix}.exp_avg.{index}"] = remembered.First;
            state[$"{prefix}.exp_avg_sq.{index}"] = remembered.Second * scale;
            long[] steps = new long[state[$"{prefix}.parameter_steps"].numel()];
            state[$"{prefix}.parameter_steps"].CopyTo(steps.AsSpan());
            steps[index] = remembered.Steps;
            state[$"{prefix}.parameter_steps"] = tensor(steps);
        }

        var oldState = old.state_dict();
        foreach (var (prefix, _, _) in Places())
            state[$"{prefix}.steps"] = oldState[$"{prefix}.steps"];
        foreach (var (prefix, index, parameter) in Places())
        {
            foreach (string kind in new[] { "exp_avg", "exp_avg_sq" })
                state.TryAdd($"{prefix}.{kind}.{index}", zeros_like(parameter));
        }

        adam.load_state_dict(state);
        old.Dispose();
    }

    public void Dispose() => adam.Dispose();

    // Matrices decay; vectors and the mixes of talking heads do not.
    private (AdamW Adam, Parameter[] Parameters, double[] Copies) Build()
    {
        var mixes = new HashSet<Parameter>(model.modules().OfType<HeadTalk>().SelectMany(static t => t.Mixes), ReferenceEqualityComparer.Instance);
        var followers = layers?.Followers();
        var all = model.parameters().Where(p => followers?.Contains(p) != true && p.requires_grad).ToList();
        var decaying = all.Where(p => p.dim() > 1 && !mixes.Contains(p)).ToList();
        var others = all.Where(p => p.dim() <= 1 || mixes.Contains(p)).ToList();
        var counts = layers?.Copies();
        Parameter[] ordered = [.. decaying, .. others];
        return (optim.AdamW([new ParamGroup(decaying, options.LearningRate, options.WeightDecay), new ParamGroup(others, options.LearningRate)], options.Beta1, options.Beta2, options.Epsilon), ordered,
            [.. ordered.Select(p => (double)(counts?.GetValueOrDefault(p, 1) ?? 1))]);
    }

    private IEnumerable<(int Group, int Index, Parameter Parameter)> Places() =>
        adam.ParamGroups.SelectMany(static (group, g) => group.Parameters.Select((parameter, i) => (g, i, parameter)));

    private Dictionary<Parameter, (Tensor First, Tensor Second, long Steps)> Remembered()
    {
        var state = adam.state_dict();
        var memory = new Dictionary<Parameter, (Tensor, Tensor, long)>(ReferenceEqualityComparer.Instance);
        foreach (var (group, index, parameter) in Places())
        {
            if (state.TryGetValue($"{group}.exp_avg.{index}", out var first))
                memory[parameter] = (first, state[$"{group}.exp_avg_sq.{index}"], state[$"{group}.parameter_steps"][index].item<long>());
        }

        return memory;
    }
}
