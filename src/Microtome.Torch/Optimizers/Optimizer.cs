using Microtome.Torch.Modules;
using static Microtome.Torch.torch;

namespace Microtome.Torch;

/// <summary>
/// Changes parameters along their gradients. One native call updates a whole group. The state (<see cref="state_dict"/>) holds everything that
/// the next step depends on, so that training stopped and resumed takes the same steps as training that went on.
/// </summary>
public abstract class Optimizer : IDisposable
{
    private readonly List<ParamGroup> groups = [];
    private bool disposed;

    /// <summary>Sets of parameters, each with its own learning rate and options.</summary>
    public IReadOnlyList<ParamGroup> ParamGroups => groups;

    /// <summary>Steps taken so far.</summary>
    public long StepCount { get; private set; }

    private protected Optimizer(IEnumerable<Parameter> parameters, double lr, double weightDecay)
    {
        if (!(lr >= 0))
            throw new ArgumentOutOfRangeException(nameof(lr), lr, "A learning rate is not negative.");
        add_param_group(new ParamGroup(parameters, lr, weightDecay));
    }

    private protected Optimizer(IEnumerable<ParamGroup> groups)
    {
        foreach (var group in groups)
            add_param_group(group);
    }

    /// <summary>The learning rate of the first group; setting it sets every group.</summary>
    public double LearningRate
    {
        get => groups[0].LearningRate;
        set => groups.ForEach(g => g.LearningRate = value);
    }

    public void add_param_group(ParamGroup group)
    {
        if (group.Parameters.Count == 0)
            throw new ArgumentException("An optimiser needs at least one parameter.");
        groups.Add(group);
    }

    public void zero_grad(bool set_to_none = true)
    {
        foreach (var group in groups)
            optim.ZeroGrad(group.Parameters, set_to_none);
    }

    public void step()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        using var off = no_grad();
        foreach (var group in groups)
        {
            group.Steps++;
            Step(group);
        }
        StepCount++;
    }

    private protected abstract void Step(ParamGroup group);

    /// <summary>Tensors and numbers by name: "0.exp_avg.3" belongs to parameter 3 of group 0. Tensors are the optimiser's own, numbers are copies.</summary>
    public Dictionary<string, Tensor> state_dict()
    {
        var state = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        for (var g = 0; g < groups.Count; g++)
        {
            foreach (var (kind, tensors) in groups[g].State)
                for (var i = 0; i < tensors.Length; i++)
                    state[$"{g}.{kind}.{i}"] = tensors[i];
            state[$"{g}.steps"] = tensor(groups[g].Steps);
            state[$"{g}.parameter_steps"] = tensor(groups[g].ParameterSteps);
            state[$"{g}.lr"] = tensor(groups[g].LearningRate);
        }
        return state;
    }

    /// <summary>Puts back what <see cref="state_dict"/> gave, into an optimiser over the same parameters.</summary>
    /// <exception cref="ArgumentException">The state belongs to other parameters or another kind of optimiser.</exception>
    public void load_state_dict(IReadOnlyDictionary<string, Tensor> state)
    {
        using var off = no_grad();
        for (var g = 0; g < groups.Count; g++)
        {
            groups[g].Steps = Find(state, $"{g}.steps").item<long>();
            groups[g].LearningRate = Find(state, $"{g}.lr").item<double>();
            StepCount = Math.Max(StepCount, groups[g].Steps);
            Find(state, $"{g}.parameter_steps").CopyTo(groups[g].ParameterSteps.AsSpan());
            if (groups[g].Steps > 0)
                Prepare(groups[g]);
            foreach (var (kind, tensors) in groups[g].State)
                for (var i = 0; i < tensors.Length; i++)
                {
                    var source = Find(state, $"{g}.{kind}.{i}");
                    if (!source.shape.AsSpan().SequenceEqual(tensors[i].shape))
                        throw new ArgumentException($"The state of the optimiser does not fit: '{g}.{kind}.{i}' has shape [{string.Join(", ", source.shape)}], the parameter [{string.Join(", ", tensors[i].shape)}].");
                    tensors[i].copy_(source);
                }
        }
    }

    /// <summary>Makes the state tensors of a group if they are not there yet.</summary>
    private protected abstract void Prepare(ParamGroup group);

    private static Tensor Find(IReadOnlyDictionary<string, Tensor> state, string key) =>
        state.TryGetValue(key, out var value) ? value : throw new ArgumentException($"The state of the optimiser does not fit: it has no '{key}'.");

    private protected static void AddState(ParamGroup group, string kind)
    {
        if (group.State.ContainsKey(kind))
            return;
        group.State[kind] = [.. group.Parameters.Select(p => zeros_like(p).DetachFromDisposeScope())];
    }

    private protected static BorrowedTensors? StateOf(ParamGroup group, string kind) =>
        group.State.TryGetValue(kind, out var tensors) ? new BorrowedTensors(tensors) : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (disposed)
            return;
        disposed = true;
        foreach (var group in groups)
            foreach (var tensor in group.State.Values.SelectMany(t => t))
                tensor.Dispose();
        GC.SuppressFinalize(this);
    }
}
