using System.Collections;
using static Microtome.Torch.torch.nn;

namespace Microtome.Torch.Modules;

/// <summary>Modules by number.</summary>
public sealed class ModuleList<T> : Module, IReadOnlyList<T>
    where T : Module
{
    private readonly List<T> list = [];

    public ModuleList(IEnumerable<T> modules)
        : base(nameof(ModuleList<>))
    {
        foreach (var module in modules)
            Add(module);
    }

    public int Count => list.Count;
    public T this[int index] => list[index];

    public void Add(T module)
    {
        register_module(list.Count.ToString(null, null), module);
        list.Add(module);
    }

    public ModuleList<T> append(T module)
    {
        Add(module);
        return this;
    }

    public IEnumerator<T> GetEnumerator() => list.GetEnumerator();
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
