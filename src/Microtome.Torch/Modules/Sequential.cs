using System.Collections;
using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Torch.Modules;

/// <summary>Modules one after the other. What lies between them is freed at once unless a gradient needs it.</summary>
public sealed class Sequential : Module<Tensor, Tensor>, IReadOnlyList<Module<Tensor, Tensor>>
{
    private readonly List<Module<Tensor, Tensor>> steps = [];

    internal Sequential(IEnumerable<(string Name, Module<Tensor, Tensor> Module)> parts)
        : base(nameof(Sequential))
    {
        foreach (var (name, module) in parts)
            append(name, module);
    }

    public int Count => steps.Count;
    public Module<Tensor, Tensor> this[int index] => steps[index];

    public Sequential append(Module<Tensor, Tensor> module) => append(steps.Count.ToString(null, null), module);

    public Sequential append(string name, Module<Tensor, Tensor> module)
    {
        register_module(name, module);
        steps.Add(module);
        return this;
    }

    public override Tensor forward(Tensor input)
    {
        if (steps.Count == 0)
            return input.alias();
        var current = input;
        foreach (var step in steps)
        {
            var next = step.forward(current);
            if (!ReferenceEquals(current, input) && !ReferenceEquals(current, next))
                current.Dispose();
            current = next;
        }
        return current;
    }

    public IEnumerator<Module<Tensor, Tensor>> GetEnumerator() => steps.GetEnumerator();
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
