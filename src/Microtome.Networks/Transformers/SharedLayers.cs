using Microtome.Torch.Modules;
using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Networks;

/// <summary>
/// Layers of one shape that hold their weights in common (arXiv 2110.03848, 3): every layer keeps its own parameters, so that its own gradient is known, but the parameters of a group lie
/// in one memory, and only the first layer's are for the optimiser. Untying gives each its own copy of what is there: the function stays what it was to the bit.
/// </summary>
public sealed class SharedLayers
{
    private readonly List<Parameter[]> layers;
    private readonly List<int[]> groups;

    /// <summary>Ties layers; all become what the first of their group is.</summary>
    /// <param name="layers">Modules with parameters of the same names and shapes.</param>
    /// <param name="unit">Layers in a unit, A: layer l is tied to all l + i A. As many as there are layers: nothing is tied.</param>
    /// <exception cref="ArgumentException">The unit does not divide the layers, or the layers differ in shape.</exception>
    public SharedLayers(IReadOnlyList<Module> layers, int unit = 1)
        : this(layers, Enumerable.Range(0, Math.Max(1, unit)).Select(slot => Enumerable.Range(0, layers.Count).Where(l => l % Math.Max(1, unit) == slot).ToArray()))
    {
        if (unit < 1 || layers.Count % unit != 0)
            throw new ArgumentException($"{layers.Count} layers are not a whole number of units of {unit} layers.");
    }

    /// <summary>Ties layers in given groups.</summary>
    public SharedLayers(IReadOnlyList<Module> layers, IEnumerable<int[]> groups)
    {
        this.layers = [.. layers.Select(static l => l.parameters().ToArray())];
        this.groups = [.. groups.Where(static g => g.Length > 0)];
        foreach (var parameters in this.layers)
        {
            if (!parameters.Select(static p => string.Join('x', p.shape)).SequenceEqual(this.layers[0].Select(static p => string.Join('x', p.shape)), StringComparer.Ordinal))
                throw new ArgumentException("Only layers of one shape can hold their weights in common.");
        }

        foreach (int[] group in this.groups)
            Tie(group);
    }

    /// <summary>Layers that are one, by group; a layer on its own is a group of one.</summary>
    public IReadOnlyList<int[]> Groups => groups;

    /// <summary>Whether any two layers hold their weights in common.</summary>
    public bool Tied => groups.Exists(static g => g.Length > 1);

    /// <summary>How many layers hold a parameter in common; 1 for those that are not of these layers.</summary>
    public IReadOnlyDictionary<Parameter, int> Copies()
    {
        var copies = new Dictionary<Parameter, int>(ReferenceEqualityComparer.Instance);
        foreach (int[] group in groups)
        {
            foreach (var parameter in layers[group[0]])
                copies[parameter] = group.Length;
        }

        return copies;
    }

    /// <summary>Parameters that another layer's stand for: the optimiser leaves them out.</summary>
    public IReadOnlySet<Parameter> Followers() =>
        new HashSet<Parameter>(groups.SelectMany(static g => g.Skip(1)).SelectMany(l => layers[l]), ReferenceEqualityComparer.Instance);

    /// <summary>The parameter that stands for another: the first layer's of its group.</summary>
    public Parameter LeaderOf(int layer, int parameter) => layers[groups.Find(g => g.Contains(layer))![0]][parameter];

    /// <summary>The parameters of a layer, in order.</summary>
    public IReadOnlyList<Parameter> Parameters(int layer) => layers[layer];

    /// <summary>Gives the first layer of every group the mean of the group's gradients (not the sum: clipping, eps and SGD would notice), and the others none.</summary>
    public void AverageGradients()
    {
        using var off = no_grad();
        foreach (int[] group in groups.Where(static g => g.Length > 1))
        {
            for (int p = 0; p < layers[0].Length; p++)
            {
                using var scope = NewDisposeScope();
                var sum = layers[group[0]][p].grad;
                if (sum is null)
                    continue;
                foreach (int layer in group.AsSpan(1))
                {
                    if (layers[layer][p].grad is { } other)
                        sum.add_(other);
                    layers[layer][p].grad = null;
                }

                sum.mul_(1.0 / group.Length);
            }
        }
    }

    /// <summary>
    /// Cosines between the gradients of neighbours within each group, by group: call it after backward and before <see cref="AverageGradients"/>. Over the whole layer, flattened.
    /// </summary>
    public IReadOnlyList<double[]> Correlations()
    {
        using var off = no_grad();
        using var scope = NewDisposeScope();
        var results = new List<double[]>();
        foreach (int[] group in groups)
            results.Add([.. Enumerable.Range(0, group.Length - 1).Select(i => Cosine(group[i], group[i + 1]))]);
        return results;
    }

    /// <summary>Mean over tied layers of |g_l|^2 and |mean of g|^2, by group of more than one; for the rule that rescales an optimiser's second moment.</summary>
    public IReadOnlyList<(double Each, double Mean)> SquaredNorms()
    {
        using var off = no_grad();
        using var scope = NewDisposeScope();
        var results = new List<(double, double)>();
        foreach (int[] group in groups)
        {
            double each = 0, mean = 0;
            for (int p = 0; p < layers[0].Length; p++)
            {
                var gradients = group.Select(l => layers[l][p].grad).OfType<Tensor>().ToList();
                if (gradients.Count == 0)
                    continue;
                each += gradients.Sum(static g => g.square().sum().item<float>()) / group.Length;
                mean += (stack(gradients).sum(0L) / group.Length).square().sum().item<float>();
            }

            results.Add((each, mean));
        }

        return results;
    }

    /// <summary>Cuts groups: each place is (group, members in its first part).</summary>
    public void Cut(IEnumerable<(int Group, int After)> places)
    {
        foreach (var cuts in places.GroupBy(static p => p.Group).OrderByDescending(static g => g.Key))
        {
            int[] old = groups[cuts.Key];
            groups.RemoveAt(cuts.Key);
            int[] ends = [.. cuts.Select(static c => c.After).Where(a => a > 0 && a < old.Length).Distinct().Order(), old.Length];
            int begin = 0;
            foreach (int end in ends)
            {
                int[] part = old[begin..end];
                groups.Add(part);
                if (begin > 0)
                    Own(part);
                begin = end;
            }
        }

        groups.Sort(static (a, b) => a[0].CompareTo(b[0]));
    }

    /// <summary>Cuts everything: every layer goes on alone.</summary>
    public void Untie() => Cut(Enumerable.Range(0, groups.Count).SelectMany(g => Enumerable.Range(1, groups[g].Length - 1).Select(after => (g, after))).ToList());

    // The first gets a copy of its own, the others of the group follow it.
    private void Own(int[] group)
    {
        using var off = no_grad();
        foreach (var parameter in layers[group[0]])
        {
            using var copy = parameter.detach().clone();
            parameter.set_data(copy);
        }

        Tie(group);
    }

    private void Tie(int[] group)
    {
        using var off = no_grad();
        foreach (int layer in group.AsSpan(1))
        {
            for (int p = 0; p < layers[layer].Length; p++)
            {
                using var same = layers[group[0]][p].detach();
                layers[layer][p].set_data(same);
                layers[layer][p].grad = null;
            }
        }
    }

    private double Cosine(int a, int b)
    {
        double product = 0, first = 0, second = 0;
        for (int p = 0; p < layers[a].Length; p++)
        {
            if (layers[a][p].grad is not { } x || layers[b][p].grad is not { } y)
                continue;
            product += (x * y).sum().item<float>();
            first += x.square().sum().item<float>();
            second += y.square().sum().item<float>();
        }

        return first > 0 && second > 0 ? product / Math.Sqrt(first * second) : 0;
    }
}
