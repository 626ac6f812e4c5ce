using Microtome.Torch;
using static Microtome.Torch.torch;

namespace Microtome.Networks;

/// <summary>How many hidden units of a layer are active, and how often each is.</summary>
public sealed class ActiveUnits
{
    private long[] fired = [];

    /// <summary>Tokens seen.</summary>
    public long Tokens { get; private set; }

    /// <summary>Mean part of the units that are active for a token.</summary>
    public double Fraction => Tokens == 0 ? 0 : fired.Sum() / ((double)Tokens * fired.Length);

    /// <summary>How often each unit was active, in tokens.</summary>
    public IReadOnlyList<long> Fired => fired;

    /// <summary>Units that were never active.</summary>
    public int Dead => fired.Count(static count => count == 0);

    /// <summary>Adds the hidden units [..., D] of some tokens.</summary>
    internal void Add(Tensor hidden)
    {
        using var off = no_grad();
        using var scope = NewDisposeScope();
        long width = hidden.size(-1);
        long[] counts = new long[width];
        hidden.detach().ne(0).reshape(-1, width).sum(0L).CopyTo(counts.AsSpan());
        if (fired.Length == 0)
            fired = counts;
        else
            fired = [.. fired.Zip(counts, static (a, b) => a + b)];
        Tokens += hidden.numel() / width;
    }
}
