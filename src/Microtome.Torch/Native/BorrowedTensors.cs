namespace Microtome.Torch;

/// <summary>A list of tensors held for the length of one native call. A null entry is the undefined tensor.</summary>
internal readonly struct BorrowedTensors : IDisposable
{
    private readonly IReadOnlyList<torch.Tensor?> tensors;

    internal nint[] Pointers { get; }

    internal BorrowedTensors(IReadOnlyList<torch.Tensor?> tensors)
    {
        this.tensors = tensors;
        Pointers = new nint[tensors.Count];
        for (var i = 0; i < Pointers.Length; i++)
        {
            try
            {
                Pointers[i] = tensors[i] is { } tensor ? tensor.handle.Borrow() : 0;
            }
            catch (ObjectDisposedException)
            {
                Dispose();
                throw;
            }
        }
    }

    public void Dispose()
    {
        for (var i = 0; i < Pointers.Length; i++)
            if (Pointers[i] != 0)
                tensors[i]!.handle.Return();
    }
}
