namespace Microtome.Decoding;

/// <summary>A tensor of floats [rows, columns] of a file, read as single precision.</summary>
internal sealed unsafe class TensorRows
{
    private readonly MappedTensor tensor;
    private readonly MappedTensor? scale;

    /// <exception cref="DecodingException">Its type or shape is not the expected one.</exception>
    public TensorRows(MappedTensor tensor, MappedTensor? scale, int rows, int columns)
    {
        this.tensor = tensor;
        this.scale = scale;
        Rows = rows;
        Columns = columns;
        var expected = tensor.Shape.Count == 1 && rows == 1 ? tensor.Shape[0] == columns : tensor.Shape.Count == 2 && tensor.Shape[0] == rows && tensor.Shape[1] == columns;
        if (!expected)
            throw new DecodingException($"{tensor.File}: tensor '{tensor.Name}' is {tensor.ShapeText}, but config.json makes it [{(rows == 1 ? string.Empty : $"{rows}, ")}{columns}].");
        if (tensor.Type is not (TensorType.F32 or TensorType.BF16 or TensorType.F16 or TensorType.I8))
            throw new DecodingException($"{tensor.File}: tensor '{tensor.Name}' has the type {tensor.Type}; weights are F32, BF16, F16, or I8 with '{tensor.Name}_scale'.");
        if (tensor.Type != TensorType.I8)
            return;
        if (scale is null)
            throw new DecodingException($"{tensor.File}: tensor '{tensor.Name}' has the type I8, which needs the factors of its rows in '{tensor.Name}_scale' (F32).");
        if (scale.Type != TensorType.F32 || scale.Bytes != (long)rows * sizeof(float))
            throw new DecodingException($"{scale.File}: tensor '{scale.Name}' is {scale.Type} {scale.ShapeText}, but must be F32 [{rows}].");
    }

    public int Rows { get; }

    public int Columns { get; }

    public TensorType Type => tensor.Type;

    public nint Data => tensor.Data;

    public bool IsAligned => tensor.Data % SafetensorsMap.SizeOf(Type) == 0;

    /// <summary>A row as floats.</summary>
    public void Read(int row, float* target) => Read(row, 0, Columns, target);

    /// <summary>Some columns of a row as floats.</summary>
    public void Read(int row, int first, int count, float* target)
    {
        var at = (byte*)tensor.Data + ((((long)row * Columns) + first) * SafetensorsMap.SizeOf(Type));
        switch (Type)
        {
            case TensorType.F32:
                Buffer.MemoryCopy(at, target, (long)count * sizeof(float), (long)count * sizeof(float));
                break;
            case TensorType.BF16:
                for (var i = 0; i < count; i++)
                    target[i] = BitConverter.UInt32BitsToSingle((uint)Word(at + (2L * i)) << 16);
                break;
            case TensorType.F16:
                for (var i = 0; i < count; i++)
                    target[i] = (float)BitConverter.UInt16BitsToHalf(Word(at + (2L * i)));
                break;
            default:
                var factor = BitConverter.ToSingle(new ReadOnlySpan<byte>((byte*)scale!.Data + (4L * row), 4));
                for (var i = 0; i < count; i++)
                    target[i] = ((sbyte*)at)[i] * factor;
                break;
        }
    }

    // Tensors of a hostile file may lie at odd addresses.
    private static ushort Word(byte* at) => (ushort)(at[0] | (at[1] << 8));
}
