namespace Microtome.Decoding;

/// <summary>Owns the memory of a model's weights and makes matrices of tensors: mapped where the file already lies as needed, converted otherwise.</summary>
internal sealed unsafe class WeightStore(DecoderModelOptions options) : IDisposable
{
    private readonly List<NativeBuffer> buffers = [];

    /// <summary>The format that a tensor's matrix gets.</summary>
    public WeightFormat FormatFor(TensorType type) => options.Format ?? type switch { TensorType.BF16 => WeightFormat.BFloat16, TensorType.I8 => WeightFormat.Int8, _ => WeightFormat.Float32 };

    public NativeBuffer Take(long bytes)
    {
        var buffer = new NativeBuffer(bytes);
        buffers.Add(buffer);
        return buffer;
    }

    /// <summary>A vector as floats, each with <paramref name="plus"/> added.</summary>
    public nint Vector(TensorRows tensor, float plus)
    {
        var buffer = Take((long)tensor.Columns * sizeof(float));
        tensor.Read(0, buffer.Floats);
        for (var i = 0; i < tensor.Columns; i++)
            buffer.Floats[i] += plus;
        return (nint)buffer.Data;
    }

    /// <summary>A matrix in the wanted format.</summary>
    public Matrix Matrix(TensorRows tensor)
    {
        var format = FormatFor(tensor.Type);
        if (!options.Copy && tensor.Type == TensorType.BF16 && format == WeightFormat.BFloat16 && tensor.IsAligned)
            return new Matrix((void*)tensor.Data, tensor.Rows, tensor.Columns, format);
        if (!options.Copy && tensor.Type == TensorType.F32 && format == WeightFormat.Float32 && tensor.IsAligned)
            return new Matrix((void*)tensor.Data, tensor.Rows, tensor.Columns, format);
        var data = Take((long)tensor.Rows * tensor.Columns * Decoding.Matrix.SizeOf(format));
        var scales = format == WeightFormat.Int8 ? Take((long)tensor.Rows * sizeof(float)) : null;
        var rowBytes = (long)tensor.Columns * Decoding.Matrix.SizeOf(format);
        Rows(tensor.Rows, tensor.Columns, (row, values) =>
        {
            tensor.Read(row, values);
            var scale = Write(values, tensor.Columns, format, data.Data + (row * rowBytes));
            if (scales is not null)
                scales.Floats[row] = scale;
        });
        return new Matrix(data.Data, tensor.Rows, tensor.Columns, format, scales == null ? null : scales.Floats);
    }

    /// <summary>Records of a Spark layer: K2 [d_ff, d - r] and the columns of V [d, d_ff].</summary>
    public Matrix Records(TensorRows value, TensorRows down)
    {
        var format = FormatFor(value.Type);
        int units = value.Rows, dot = value.Columns, width = down.Rows;
        var size = Decoding.Matrix.SizeOf(format);
        var rowBytes = (long)(dot + width) * size;
        var data = Take(units * rowBytes);
        var scales = format == WeightFormat.Int8 ? Take(2L * units * sizeof(float)) : null;
        // Columns of V become rows through a buffer of some units.
        const int Some = 64;
        Parallel.For(0, (units + Some - 1) / Some, new ParallelOptions { MaxDegreeOfParallelism = options.Threads }, block =>
        {
            var first = block * Some;
            var count = Math.Min(Some, units - first);
            using var column = NativeBuffer.Of<float>((long)count * width);
            using var row = NativeBuffer.Of<float>(Math.Max(dot, Some));
            for (var i = 0; i < width; i++)
            {
                down.Read(i, first, count, row.Floats);
                for (var j = 0; j < count; j++)
                    column.Floats[((long)j * width) + i] = row.Floats[j];
            }

            for (var j = 0; j < count; j++)
            {
                value.Read(first + j, row.Floats);
                var target = data.Data + ((first + j) * rowBytes);
                var one = Write(row.Floats, dot, format, target);
                var two = Write(column.Floats + ((long)j * width), width, format, target + ((long)dot * size));
                if (scales is null)
                    continue;
                scales.Floats[2 * (first + j)] = one;
                scales.Floats[(2 * (first + j)) + 1] = two;
            }
        });
        return new Matrix(data.Data, units, dot + width, format, scales == null ? null : scales.Floats);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var buffer in buffers)
            buffer.Dispose();
        buffers.Clear();
    }

    /// <summary>Writes a row; returns the factor of Int8.</summary>
    internal static float Write(float* values, int count, WeightFormat format, byte* target)
    {
        if (format == WeightFormat.Float32)
        {
            Buffer.MemoryCopy(values, target, (long)count * sizeof(float), (long)count * sizeof(float));
            return 1;
        }

        if (format == WeightFormat.BFloat16)
        {
            for (var i = 0; i < count; i++)
                ((ushort*)target)[i] = ToBf16(values[i]);
            return 1;
        }

        var largest = 0f;
        for (var i = 0; i < count; i++)
            largest = MathF.Max(largest, MathF.Abs(values[i]));
        var scale = largest / 127;
        var inverse = scale > 0 ? 1 / scale : 0;
        for (var i = 0; i < count; i++)
            ((sbyte*)target)[i] = (sbyte)Math.Clamp(MathF.Round(values[i] * inverse), -127, 127);
        return scale;
    }

    /// <summary>Rounded to the nearest, ties to even; NaN stays NaN.</summary>
    internal static ushort ToBf16(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? (ushort)((bits >> 16) | 0x40) : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    private void Rows(int rows, int columns, RowWork work)
    {
        const int Some = 64;
        Parallel.For(0, (rows + Some - 1) / Some, new ParallelOptions { MaxDegreeOfParallelism = options.Threads }, block =>
        {
            using var values = NativeBuffer.Of<float>(columns);
            for (var row = block * Some; row < Math.Min(rows, (block + 1) * Some); row++)
                work(row, values.Floats);
        });
    }

    private delegate void RowWork(int row, float* values);
}
