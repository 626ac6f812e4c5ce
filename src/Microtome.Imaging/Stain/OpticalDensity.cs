namespace Microtome.Imaging;

/// <summary>
/// Optical density to base 10 of 8-bit light: OD = -log10(max(v, 1) / 255), so 255 is 0 and black is 2.41 (the same rule as QuPath's).
/// By the law of Beer and Lambert it is proportional to the amount of stain.
/// </summary>
public static class OpticalDensity
{
    private const int StepsPerUnit = 4096;
    private const int Units = 4;
    private static readonly float[] s_table = MakeTable();
    private static readonly byte[] s_inverse = MakeInverse();

    /// <summary>The density of each grey value, 256 entries.</summary>
    public static ReadOnlySpan<float> Table => s_table;

    /// <summary>The density of one grey value.</summary>
    public static float Of(byte value) => s_table[value];

    /// <summary>The grey value of a density, rounded; densities below 0 give 255. The error of the table is below 0.1 grey values.</summary>
    public static byte ToByte(float density)
    {
        // A negative or NaN density fails the first comparison and is white.
        if (!(density > 0))
            return 255;
        var step = (int)Math.Min((density * StepsPerUnit) + 0.5f, (Units * StepsPerUnit) - 1);
        return s_inverse[step];
    }

    private static float[] MakeTable()
    {
        var table = new float[256];
        for (var v = 0; v < 256; v++)
            table[v] = (float)-Math.Log10(Math.Max(v, 1) / 255.0);
        return table;
    }

    private static byte[] MakeInverse()
    {
        var inverse = new byte[Units * StepsPerUnit];
        for (var i = 0; i < inverse.Length; i++)
            inverse[i] = (byte)Math.Round(255 * Math.Pow(10, -(double)i / StepsPerUnit));
        return inverse;
    }
}
