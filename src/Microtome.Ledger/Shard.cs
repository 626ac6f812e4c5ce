using System.Globalization;
using Microtome.Imaging;

namespace Microtome.Ledger;

/// <summary>One of <paramref name="Count"/> fixed parts of all items: those whose number leaves the remainder <paramref name="Index"/>.</summary>
/// <param name="Index">0 to Count - 1.</param>
/// <param name="Count">At least 1.</param>
public readonly record struct Shard(int Index, int Count)
{
    /// <summary>Everything.</summary>
    public static Shard All { get; } = new(0, 1);

    /// <summary>Whether an item belongs to this part.</summary>
    public bool Holds(long id) => Count <= 1 || id % Count == Index;

    /// <summary>Reads <c>i/n</c>, i from 0 to n - 1.</summary>
    /// <exception cref="UsageException">It is something else.</exception>
    public static Shard Parse(string text)
    {
        string[] parts = text.Split('/');
        if (parts.Length == 2 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int index)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count >= 1 && index < count)
        {
            return new Shard(index, count);
        }

        throw new UsageException($"--shard '{text}': give i/n with i from 0 to n - 1, for instance 0/4.");
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Index}/{Count}");
}
