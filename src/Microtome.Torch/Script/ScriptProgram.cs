using System.Runtime.InteropServices;
using System.Text;
using Microtome.Torch.Modules;

namespace Microtome.Torch;

/// <summary>The native half of a TorchScript module: the code of the file and the tensors it works on.</summary>
internal sealed class ScriptProgram : IDisposable
{
    private const int MostOutputs = 256;

    private readonly ModuleHandle handle;
    private readonly string path;

    internal ScriptProgram(string path, torch.Device? device, bool freeze = false)
    {
        this.path = path;
        if (!File.Exists(path))
            throw new TorchException($"{path}: there is no such TorchScript file");
        if (NativeMethods.mt_module_load(path, (device ?? torch.CPU).Code, out var module) != 0)
            throw new TorchException($"{path}: libtorch cannot read this as a TorchScript file (one written by torch.jit.save). It says: {NativeMethods.LastError()}");
        handle = new ModuleHandle(module);

        // A script that cannot be frozen runs as it is.
        if (freeze && NativeMethods.mt_module_freeze(handle) != 0)
            Train(false);
    }

    internal bool IsTraining => NativeMethods.mt_module_is_training(handle) != 0;

    internal void Train(bool on) => NativeMethods.Check(NativeMethods.mt_module_train(handle, on ? 1 : 0));

    internal unsafe torch.Tensor[] Run(params torch.Tensor[] inputs)
    {
        using var borrowed = new BorrowedTensors(inputs);
        var outputs = new nint[MostOutputs];
        int count;
        fixed (nint* from = borrowed.Pointers, to = outputs)
            NativeMethods.Check(NativeMethods.mt_module_forward(handle, from, inputs.Length, to, MostOutputs, out count, out _));
        return Array.ConvertAll(outputs[..count], p => new torch.Tensor(p));
    }

    internal static torch.Tensor Input<T>(T value) =>
        value as torch.Tensor ?? throw new ArgumentException($"A script takes tensors, not {typeof(T).Name}.", nameof(value));

    /// <summary>Gives the outputs the form that the caller asked for.</summary>
    internal TResult Shape<TResult>(torch.Tensor[] outputs)
    {
        object? result = typeof(TResult) == typeof(torch.Tensor[]) ? outputs
            : typeof(TResult) == typeof(torch.Tensor) && outputs.Length == 1 ? outputs[0]
            : typeof(TResult) == typeof((torch.Tensor, torch.Tensor)) && outputs.Length == 2 ? (outputs[0], outputs[1])
            : typeof(TResult) == typeof((torch.Tensor, torch.Tensor, torch.Tensor)) && outputs.Length == 3 ? (outputs[0], outputs[1], outputs[2])
            : null;
        if (result is TResult shaped)
            return shaped;
        foreach (var tensor in outputs)
            tensor.Dispose();
        throw new TorchException($"{path}: the script returned {outputs.Length} tensors, which is not a {typeof(TResult).Name}; ask for Tensor[] to take any number");
    }

    /// <summary>
    /// Registers the script's own parameters and buffers (not copies) under a module, so that moving, saving and training it reach the script.
    /// </summary>
    internal void Register(torch.nn.Module root)
    {
        var parts = new Dictionary<string, torch.nn.Module>(StringComparer.Ordinal) { [""] = root };
        foreach (var (name, pointer) in Attributes(parameters: true))
            Owner(name).register_parameter(Last(name), new Parameter(pointer));
        foreach (var (name, pointer) in Attributes(parameters: false))
            Owner(name).register_buffer(Last(name), new torch.Tensor(pointer));

        torch.nn.Module Owner(string name)
        {
            var dot = name.LastIndexOf('.');
            var prefix = dot < 0 ? "" : name[..dot];
            if (parts.TryGetValue(prefix, out var known))
                return known;
            var made = new Part(Last(prefix));
            Owner(prefix).register_module(Last(prefix), made);
            return parts[prefix] = made;
        }

        static string Last(string name) => name[(name.LastIndexOf('.') + 1)..];
    }

    private unsafe List<(string Name, nint Pointer)> Attributes(bool parameters)
    {
        var list = new List<(string, nint)>();
        var state = GCHandle.Alloc(list);
        try
        {
            NativeMethods.Check(NativeMethods.mt_module_attributes(handle, parameters ? 1 : 0, &Visit, GCHandle.ToIntPtr(state)));
        }
        finally
        {
            state.Free();
        }
        return list;
    }

    [UnmanagedCallersOnly]
    private static unsafe void Visit(byte* name, nint tensor, nint state)
    {
        var list = (List<(string, nint)>)GCHandle.FromIntPtr(state).Target!;
        list.Add((Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name)), tensor));
    }

    public void Dispose() => handle.Dispose();

    /// <summary>A level of the script's tree of names.</summary>
    private sealed class Part(string name) : torch.nn.Module(name);
}
