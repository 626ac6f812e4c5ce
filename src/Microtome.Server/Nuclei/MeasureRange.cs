namespace Microtome.Server;

/// <summary>How a measure is spread.</summary>
/// <param name="Name">Its column, unit in the name.</param>
/// <param name="Min">The smallest value.</param>
/// <param name="P01">One in a hundred is smaller.</param>
/// <param name="P50">The median.</param>
/// <param name="P99">One in a hundred is larger.</param>
/// <param name="Max">The largest value.</param>
public sealed record MeasureRange(string Name, float Min, float P01, float P50, float P99, float Max)
{
    private const int Buckets = 1 << 16;

    /// <summary>Measures values; those that are not known (NaN) do not count. Percentiles are values that occur: the smallest below which at least the share lies.</summary>
    public static MeasureRange Of(string name, ReadOnlySpan<float> values)
    {
        // Two rounds of counting by the upper and the lower half of the bits give exact ranks without sorting.
        int[] high = new int[Buckets];
        int count = 0;
        foreach (float value in values)
        {
            if (float.IsNaN(value))
                continue;
            high[Sortable(value) >> 16]++;
            count++;
        }

        if (count == 0)
            return new MeasureRange(name, 0, 0, 0, 0, 0);
        return new MeasureRange(name, At(values, high, 0), At(values, high, Rank(0.01)), At(values, high, Rank(0.5)), At(values, high, Rank(0.99)), At(values, high, count - 1));

        int Rank(double share) => Math.Clamp((int)Math.Ceiling(share * count) - 1, 0, count - 1);
    }

    /// <summary>The value as 0 to 65534 between <see cref="P01"/> and <see cref="P99"/>, beyond them the nearer end; 65535 when it is not known.</summary>
    internal ushort Quantise(float value)
    {
        if (float.IsNaN(value))
            return ushort.MaxValue;
        double span = Span;
        return (ushort)Math.Clamp(Math.Round((value - P01) / span * 65534), 0, 65534);
    }

    /// <summary>The upper end of the range that is quantised; never equal to the lower.</summary>
    internal float UpperEnd => P01 + (float)Span;

    private double Span => P99 > P01 ? (double)P99 - P01 : 1;

    private static float At(ReadOnlySpan<float> values, int[] high, int rank)
    {
        int bucket = 0;
        for (; rank >= high[bucket]; bucket++)
            rank -= high[bucket];
        int[] low = new int[Buckets];
        foreach (float value in values)
        {
            if (!float.IsNaN(value) && Sortable(value) >> 16 == bucket)
                low[Sortable(value) & 0xffff]++;
        }

        int at = 0;
        for (; rank >= low[at]; at++)
            rank -= low[at];
        uint bits = ((uint)bucket << 16) | (uint)at;
        return BitConverter.UInt32BitsToSingle((bits & 0x80000000) != 0 ? bits ^ 0x80000000 : ~bits);
    }

    // Bits in the order of the numbers.
    private static uint Sortable(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return (bits & 0x80000000) != 0 ? ~bits : bits | 0x80000000;
    }
}
