namespace Microtome.Torch;

/// <summary>A TorchScript network of one input. <typeparamref name="T"/> is Tensor; <typeparamref name="TResult"/> is Tensor, a tuple of two or three of them, or Tensor[].</summary>
public sealed class ScriptModule<T, TResult> : ScriptModule
{
    internal ScriptModule(ModuleHandle handle, string path)
        : base(handle, path)
    {
    }

    /// <inheritdoc cref="ScriptModule.forward"/>
    public TResult forward(T input) => Shape<TResult>(base.forward(Input(input)));

    /// <inheritdoc cref="ScriptModule.forward"/>
    public TResult call(T input) => forward(input);
}

/// <summary>A TorchScript network of two inputs, both Tensor. <typeparamref name="TResult"/> is Tensor, a tuple of two or three of them, or Tensor[].</summary>
public sealed class ScriptModule<T1, T2, TResult> : ScriptModule
{
    internal ScriptModule(ModuleHandle handle, string path)
        : base(handle, path)
    {
    }

    /// <inheritdoc cref="ScriptModule.forward"/>
    public TResult forward(T1 first, T2 second) => Shape<TResult>(base.forward(Input(first), Input(second)));

    /// <inheritdoc cref="ScriptModule.forward"/>
    public TResult call(T1 first, T2 second) => forward(first, second);
}
