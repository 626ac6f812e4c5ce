namespace Microtome.Language;

/// <summary>A random order of 0..n-1 that is computed place by place and never stored: a Feistel network over the next power of four, walked until it falls below n (Black and Rogaway 2002).</summary>
internal readonly struct KeyedPermutation
{
    private const int Rounds = 6;
    private readonly ulong count;
    private readonly int half;
    private readonly ulong key;

    public KeyedPermutation(long count, long seed, long epoch)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        this.count = (ulong)count;
        half = 1;
        while (half < 31 && (1UL << (2 * half)) < this.count)
            half++;
        key = new KeyedRandom(seed, epoch, 0x5045524D).Next();
    }

    /// <summary>What stands at a place.</summary>
    public long At(long place)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((ulong)place, count, nameof(place));
        var value = (ulong)place;
        do
        {
            value = Encrypt(value);
        }
        while (value >= count);
        return (long)value;
    }

    private ulong Encrypt(ulong value)
    {
        unchecked
        {
            var mask = (1UL << half) - 1;
            ulong left = value >> half, right = value & mask;
            for (var round = 1; round <= Rounds; round++)
                (left, right) = (right, left ^ (KeyedRandom.Mix(right + key + ((ulong)round * 0x9E3779B97F4A7C15UL)) & mask));
            return (left << half) | right;
        }
    }
}
