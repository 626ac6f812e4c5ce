using Microtome.Torch.Modules;

namespace Microtome.Torch;

/// <summary>Parameters that share a learning rate and a weight decay.</summary>
public sealed class ParamGroup
{
    public ParamGroup(IEnumerable<Parameter> parameters, double lr, double weight_decay = 0)
    {
        Parameters = [.. parameters];
        ParameterSteps = new long[Parameters.Count];
        LearningRate = InitialLearningRate = lr;
        WeightDecay = weight_decay;
    }

    public IReadOnlyList<Parameter> Parameters { get; }

    public double LearningRate { get; set; }

    /// <summary>The learning rate that schedules start from.</summary>
    public double InitialLearningRate { get; set; }

    public double WeightDecay { get; set; }

    /// <summary>Steps that this group has taken.</summary>
    internal long Steps { get; set; }

    /// <summary>Steps in which each parameter had a gradient: what Adam corrects its averages by.</summary>
    internal long[] ParameterSteps { get; }

    /// <summary>One tensor per parameter and kind of memory.</summary>
    internal Dictionary<string, torch.Tensor[]> State { get; } = new(StringComparer.Ordinal);
}
