namespace Microtome.Decoding;

/// <summary>
/// Normal weights for measurements. Random bytes would hold denormals and NaN, which are slow. A million values repeat, shifted, so that gigabytes are filled in seconds.
/// </summary>
internal static unsafe class RandomWeights
{
    private const int Period = 1 << 20;

    private static readonly Lazy<float[]> s_normal = new(static () =>
    {
        var random = new Random(1);
        var values = new float[Period];
        for (var i = 0; i < Period; i++)
            values[i] = (float)Normal(random);
        return values;
    });

    /// <summary>Fills memory with values of the given standard deviation (Int8: of 40 steps).</summary>
    public static void Fill(void* target, long count, WeightFormat format, int seed, double deviation)
    {
        var size = Matrix.SizeOf(format);
        var random = new Random(seed);
        var period = new byte[Period * size];
        var normal = s_normal.Value;
        fixed (byte* p = period)
        {
            for (var i = 0; i < Period; i++)
            {
                var value = (float)(deviation * normal[i]);
                if (format == WeightFormat.BFloat16)
                    ((ushort*)p)[i] = (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16);
                else if (format == WeightFormat.Float32)
                    ((float*)p)[i] = value;
                else
                    ((sbyte*)p)[i] = (sbyte)Math.Clamp(Math.Round(value / deviation * 40), -127, 127);
            }

            var done = 0L;
            while (done < count)
            {
                // Every repetition begins elsewhere: no two rows of a matrix are equal.
                var from = random.Next(Period);
                var some = Math.Min(Period - from, count - done);
                Buffer.MemoryCopy(p + ((long)from * size), (byte*)target + (done * size), some * size, some * size);
                done += some;
            }
        }
    }

    public static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
