namespace Microtome.Decoding.Tests;

/// <summary>Normal weights in native memory; as records with two factors a row when the length of the first part is given.</summary>
internal sealed unsafe class RandomMatrix : IDisposable
{
    private readonly NativeBuffer data;
    private readonly NativeBuffer scales;

    public RandomMatrix(int rows, int columns, WeightFormat format, Random random, int? first = null)
    {
        data = new NativeBuffer((long)rows * columns * Matrix.SizeOf(format));
        scales = NativeBuffer.Of<float>(2 * rows);
        Dense = new float[rows, columns];
        for (var i = 0; i < rows; i++)
        {
            scales.Floats[first is null ? i : 2 * i] = (float)(0.01 + (0.01 * random.NextDouble()));
            if (first is not null)
                scales.Floats[(2 * i) + 1] = (float)(0.01 + (0.01 * random.NextDouble()));
            for (var k = 0; k < columns; k++)
            {
                var at = ((long)i * columns) + k;
                var value = (float)Floats.Draw(random);
                switch (format)
                {
                    case WeightFormat.BFloat16:
                        ((ushort*)data.Data)[at] = (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16);
                        Dense[i, k] = BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(value) & 0xFFFF0000);
                        break;
                    case WeightFormat.Float32:
                        data.Floats[at] = Dense[i, k] = value;
                        break;
                    default:
                        var whole = (sbyte)random.Next(-127, 128);
                        ((sbyte*)data.Data)[at] = whole;
                        Dense[i, k] = whole * scales.Floats[first is { } f ? (2 * i) + (k < f ? 0 : 1) : i];
                        break;
                }
            }
        }

        Matrix = new Matrix(data.Data, rows, columns, format, format == WeightFormat.Int8 ? scales.Floats : null);
    }

    public Matrix Matrix { get; }

    /// <summary>The same as numbers.</summary>
    public float[,] Dense { get; }

    public void Dispose()
    {
        data.Dispose();
        scales.Dispose();
    }
}
