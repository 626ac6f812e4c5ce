using Microtome.Torch;
using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Networks;

/// <summary>Branches side by side, their channels joined: [N, C, H, W] to [N, sum of the branches' channels, H', W'].</summary>
internal sealed class InceptionBlock : Module<Tensor, Tensor>
{
    private readonly List<Func<Tensor, IEnumerable<Tensor>>> branches = [];

    public InceptionBlock()
        : base(nameof(InceptionBlock))
    {
    }

    /// <summary>Adds a branch under a name.</summary>
    public InceptionBlock With(string name, Module<Tensor, Tensor> branch)
    {
        register_module(name, branch);
        branches.Add(input => [branch.forward(input)]);
        return this;
    }

    /// <summary>Adds a branch whose trunk ends in two parallel convolutions (figure 6 of the paper): the names count up from <paramref name="name"/>_0.</summary>
    public InceptionBlock WithFork(string name, IReadOnlyList<Module<Tensor, Tensor>> trunk, Module<Tensor, Tensor> first, Module<Tensor, Tensor> second)
    {
        for (var i = 0; i < trunk.Count; i++)
            register_module($"{name}_{i}", trunk[i]);
        register_module($"{name}_{trunk.Count}a", first);
        register_module($"{name}_{trunk.Count}b", second);
        branches.Add(input =>
        {
            var x = input;
            foreach (var step in trunk)
                x = step.forward(x);
            return [first.forward(x), second.forward(x)];
        });
        return this;
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return cat([.. branches.SelectMany(branch => branch(input))], 1).MoveToOuterDisposeScope();
    }
}
