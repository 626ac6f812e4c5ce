namespace Microtome.Language;

/// <summary>Random numbers that depend on a key alone: splitmix64 (Steele, Lea and Flood 2014) from a state mixed from the key's parts.</summary>
internal struct KeyedRandom
{
    private ulong state;

    public KeyedRandom(long seed, long first, long second = 0, long third = 0)
    {
        state = Mix((ulong)seed + 0x9E3779B97F4A7C15UL);
        state = Mix(state ^ ((ulong)first + 0xD1B54A32D192ED03UL));
        state = Mix(state ^ ((ulong)second + 0x8CB92BA72F3D8DD7UL));
        state = Mix(state ^ ((ulong)third + 0xAEF17502108EF2D9UL));
    }

    public static ulong Mix(ulong z)
    {
        unchecked
        {
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
            return z ^ (z >> 31);
        }
    }

    public ulong Next()
    {
        unchecked
        {
            state += 0x9E3779B97F4A7C15UL;
            return Mix(state);
        }
    }

    /// <summary>A whole number from 0 to below <paramref name="bound"/>, without bias (Lemire 2019).</summary>
    public int Below(int bound)
    {
        while (true)
        {
            var product = (UInt128)Next() * (ulong)bound;
            if ((ulong)product >= (ulong)bound || (ulong)product >= (0UL - (ulong)bound) % (ulong)bound)
                return (int)(product >> 64);
        }
    }

    /// <summary>A number in [0, 1).</summary>
    public double Unit() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Puts the items into a random order (Fisher and Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = Below(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }
}
