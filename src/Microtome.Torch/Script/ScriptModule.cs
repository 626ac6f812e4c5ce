using System.Runtime.InteropServices;
using System.Text;

namespace Microtome.Torch;

/// <summary>
/// A network from a TorchScript file: code and weights in one, written by <c>torch.jit.save</c> in Python. Made by <see cref="torch.jit.load(string, torch.Device?)"/>.
/// </summary>
public class ScriptModule : IDisposable
{
    private const int MostOutputs = 256;

    private readonly ModuleHandle handle;

    private protected ScriptModule(ModuleHandle handle, string path)
    {
        this.handle = handle;
        Path = path;
    }

    /// <summary>The file that it came from.</summary>
    public string Path { get; }

    /// <summary>True while dropout and batch statistics behave as in training. A file keeps the mode in which it was saved.</summary>
    public bool training => NativeMethods.mt_module_is_training(handle) != 0;

    /// <summary>Runs the network. A tuple or list of tensors comes back flattened, in order.</summary>
    /// <exception cref="TorchException">libtorch refused the inputs; its message has the line of the script.</exception>
    public unsafe torch.Tensor[] forward(params torch.Tensor[] inputs)
    {
        using var borrowed = new BorrowedTensors(inputs);
        var outputs = new nint[MostOutputs];
        int count;
        fixed (nint* from = borrowed.Pointers, to = outputs)
            NativeMethods.Check(NativeMethods.mt_module_forward(handle, from, inputs.Length, to, MostOutputs, out count, out _));
        return Array.ConvertAll(outputs[..count], p => new torch.Tensor(p));
    }

    /// <summary>Puts dropout and batch statistics into the mode for use.</summary>
    public ScriptModule eval() => train(false);

    public ScriptModule train(bool on = true)
    {
        NativeMethods.Check(NativeMethods.mt_module_train(handle, on ? 1 : 0));
        return this;
    }

    /// <summary>Moves the weights to a device and, if named, to another floating type.</summary>
    public ScriptModule to(torch.Device device, torch.ScalarType? dtype = null)
    {
        NativeMethods.Check(NativeMethods.mt_module_to(handle, device.Code, dtype is { } type ? (int)type : -1));
        return this;
    }

    public IReadOnlyList<(string name, torch.Tensor parameter)> named_parameters() => Attributes(parameters: true);
    public IReadOnlyList<(string name, torch.Tensor buffer)> named_buffers() => Attributes(parameters: false);

    private unsafe List<(string, torch.Tensor)> Attributes(bool parameters)
    {
        var list = new List<(string, torch.Tensor)>();
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
        var list = (List<(string, torch.Tensor)>)GCHandle.FromIntPtr(state).Target!;
        list.Add((Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name)), new torch.Tensor(tensor)));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        handle.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Loads a file.</summary>
    /// <exception cref="TorchException">The file is missing or is not TorchScript; the message is libtorch's.</exception>
    internal static ModuleHandle Load(string path, torch.Device? device)
    {
        if (!File.Exists(path))
            throw new TorchException($"{path}: there is no such TorchScript file");
        if (NativeMethods.mt_module_load(path, (device ?? torch.CPU).Code, out var module) != 0)
            throw new TorchException($"{path}: libtorch cannot read this as a TorchScript file (one written by torch.jit.save). It says: {NativeMethods.LastError()}");
        return new ModuleHandle(module);
    }

    internal static ScriptModule From(ModuleHandle handle, string path) => new(handle, path);

    private protected static torch.Tensor Input<T>(T value) =>
        value as torch.Tensor ?? throw new ArgumentException($"A script takes tensors, not {typeof(T).Name}.", nameof(value));

    private protected TResult Shape<TResult>(torch.Tensor[] outputs)
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
        throw new TorchException($"{Path}: the script returned {outputs.Length} tensors, which is not a {typeof(TResult).Name}; ask for Tensor[] to take any number");
    }
}
