namespace Microtome.Decoding;

/// <summary>A view of weights [rows, columns], row after row, that somebody else owns.</summary>
/// <param name="Data">The first row.</param>
/// <param name="Rows">Outputs.</param>
/// <param name="Columns">Inputs.</param>
/// <param name="Stride">Bytes from a row to the next.</param>
/// <param name="Format">What an element is.</param>
/// <param name="Scales">Int8: the factor of each row; otherwise null.</param>
internal readonly unsafe record struct Matrix(nint Data, int Rows, int Columns, long Stride, WeightFormat Format, nint Scales)
{
    public Matrix(void* data, int rows, int columns, WeightFormat format, float* scales = null)
        : this((nint)data, rows, columns, (long)columns * SizeOf(format), format, (nint)scales)
    {
    }

    public long Bytes => Rows * ((long)Columns * SizeOf(Format));

    public byte* Row(int row) => (byte*)Data + (row * Stride);

    public float* ScalesAt(int row) => Scales == 0 ? null : (float*)Scales + row;

    public static int SizeOf(WeightFormat format) => format switch { WeightFormat.Float32 => 4, WeightFormat.BFloat16 => 2, _ => 1 };

    /// <summary>An element as a number; slow.</summary>
    public float this[int row, int column]
    {
        get
        {
            var at = Row(row) + ((long)column * SizeOf(Format));
            return Format switch
            {
                WeightFormat.Float32 => ElementF32.Scalar(at),
                WeightFormat.BFloat16 => ElementBf16.Scalar(at),
                _ => ElementI8.Scalar(at) * *ScalesAt(row),
            };
        }
    }
}
