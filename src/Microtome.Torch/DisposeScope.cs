namespace Microtome.Torch;

/// <summary>
/// Collects the tensors made on this thread while it is the innermost scope, and disposes them at its end. What must live on is moved
/// out first: <see cref="MoveToOuter(torch.Tensor)"/> or <see cref="Detach(torch.Tensor)"/>. Scopes end in the reverse order of their beginning.
/// </summary>
public sealed class DisposeScope : IDisposable
{
    [ThreadStatic]
    private static DisposeScope? innermost;

    private readonly HashSet<torch.Tensor> tensors = new(ReferenceEqualityComparer.Instance);
    private readonly DisposeScope? outer;
    private readonly int thread = Environment.CurrentManagedThreadId;
    private bool ended;

    internal DisposeScope()
    {
        outer = innermost;
        innermost = this;
    }

    internal static DisposeScope? Innermost => innermost;

    /// <summary>Tensors that the scope would dispose now.</summary>
    public int DisposablesCount => tensors.Count;

    internal void Add(torch.Tensor tensor)
    {
        tensors.Add(tensor);
        tensor.OwningScope = this;
    }

    internal void Remove(torch.Tensor tensor)
    {
        tensors.Remove(tensor);
        tensor.OwningScope = null;
    }

    /// <summary>Takes a tensor into this scope, wherever it was before.</summary>
    public torch.Tensor Include(torch.Tensor tensor)
    {
        tensor.OwningScope?.Remove(tensor);
        Add(tensor);
        return tensor;
    }

    /// <summary>Hands a tensor to the enclosing scope, or to nobody if there is none.</summary>
    public torch.Tensor MoveToOuter(torch.Tensor tensor)
    {
        tensor.OwningScope?.Remove(tensor);
        outer?.Add(tensor);
        return tensor;
    }

    /// <inheritdoc cref="MoveToOuter(torch.Tensor)"/>
    public void MoveToOuter(params IEnumerable<torch.Tensor> list)
    {
        foreach (var tensor in list)
            MoveToOuter(tensor);
    }

    /// <summary>Takes a tensor out of scopes altogether: whoever holds it disposes it.</summary>
    public torch.Tensor Detach(torch.Tensor tensor)
    {
        tensor.OwningScope?.Remove(tensor);
        return tensor;
    }

    /// <inheritdoc cref="Detach(torch.Tensor)"/>
    public void Detach(params IEnumerable<torch.Tensor> list)
    {
        foreach (var tensor in list)
            Detach(tensor);
    }

    /// <summary>Disposes what the scope holds but the given tensors, and stays open.</summary>
    public void DisposeEverythingBut(params IEnumerable<torch.Tensor> keep)
    {
        var kept = new HashSet<torch.Tensor>(keep, ReferenceEqualityComparer.Instance);
        foreach (var tensor in tensors.Where(t => !kept.Contains(t)).ToArray())
            tensor.Dispose();
    }

    /// <summary>Disposes what the scope holds, and stays open.</summary>
    public void DisposeEverything() => DisposeEverythingBut();

    /// <inheritdoc/>
    public void Dispose()
    {
        if (ended)
            return;
        if (thread != Environment.CurrentManagedThreadId)
            throw new InvalidOperationException("A DisposeScope must end on the thread that began it; do not await inside a scope.");
        ended = true;
        if (innermost == this)
            innermost = outer;
        foreach (var tensor in tensors)
        {
            tensor.OwningScope = null;
            tensor.Dispose();
        }
        tensors.Clear();
    }
}
