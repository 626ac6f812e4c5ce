using System.Collections;

namespace Microtome.Torch;

/// <summary>The elements of a tensor in the order of its shape. Copies unless the tensor is contiguous on the CPU.</summary>
public sealed class TensorAccessor<T> : IEnumerable<T>
    where T : unmanaged
{
    private readonly torch.Tensor tensor;

    internal TensorAccessor(torch.Tensor tensor) => this.tensor = tensor;

    public long Count => tensor.numel();

    public T[] ToArray()
    {
        var array = new T[Count];
        tensor.CopyTo(array.AsSpan());
        return array;
    }

    public void CopyTo(Span<T> destination) => tensor.CopyTo(destination);
    public void CopyFrom(ReadOnlySpan<T> source) => tensor.CopyFrom(source);

    /// <summary>Element by position in the order of the shape. Contiguous tensors on the CPU only.</summary>
    public T this[int index]
    {
        get => tensor.AsSpan<T>()[index];
        set => tensor.AsSpan<T>()[index] = value;
    }

    /// <inheritdoc/>
    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)ToArray()).GetEnumerator();
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
