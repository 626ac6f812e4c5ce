namespace Microtome.Language;

/// <summary>Tokens while they are collected: ids and half-open ranges.</summary>
internal sealed class TokenBuffer
{
    private int[] ids = new int[64];
    private int[] starts = new int[64];
    private int[] ends = new int[64];

    public int Count { get; private set; }

    public ReadOnlySpan<int> Ids => ids.AsSpan(0, Count);

    public Span<int> Starts => starts.AsSpan(0, Count);

    public Span<int> Ends => ends.AsSpan(0, Count);

    public void Clear() => Count = 0;

    public void Add(int id, int start, int end)
    {
        if (Count == ids.Length)
        {
            Array.Resize(ref ids, Count * 2);
            Array.Resize(ref starts, Count * 2);
            Array.Resize(ref ends, Count * 2);
        }

        (ids[Count], starts[Count], ends[Count]) = (id, start, end);
        Count++;
    }
}
