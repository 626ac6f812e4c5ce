namespace Microtome.Torch.Modules;

/// <summary>A tensor that a module learns. It belongs to no scope: its module disposes it.</summary>
public sealed class Parameter : torch.Tensor
{
    /// <summary>Takes over the data (the two share memory).</summary>
    public Parameter(torch.Tensor data, bool requires_grad = true)
        : base(Share(data))
    {
        DetachFromDisposeScope();
        this.requires_grad = requires_grad;
    }

    /// <summary>Stands for a native tensor that exists already, gradient and all.</summary>
    internal Parameter(nint pointer)
        : base(pointer) => DetachFromDisposeScope();

    private static nint Share(torch.Tensor data)
    {
        using var detached = data.detach();
        NativeMethods.Check(NativeMethods.mt_tensor_alias(detached.handle, out var pointer));
        return pointer;
    }
}
