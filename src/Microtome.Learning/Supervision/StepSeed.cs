namespace Microtome.Learning.Supervision;

/// <summary>Seeds of single draws.</summary>
internal static class StepSeed
{
    /// <summary>A seed for draw <paramref name="index"/> of a step (splitmix64, Steele, Lea and Flood 2014).</summary>
    public static int Of(int seed, long step, int index)
    {
        unchecked
        {
            var z = ((ulong)(uint)seed << 32) ^ ((ulong)step * 0x9E3779B97F4A7C15UL) ^ ((ulong)index * 0xD1B54A32D192ED03UL);
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
            return (int)(z ^ (z >> 31));
        }
    }
}
