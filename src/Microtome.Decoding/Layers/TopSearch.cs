namespace Microtome.Decoding;

/// <summary>
/// The row of a matrix with the largest product, exactly, without reading the whole matrix: an 8-bit copy (half of the bytes of bfloat16) gives every product with an error of at most |w - w8| |x| (Cauchy and Schwarz; the
/// norms are taken at load) and the rounding of both sums; rows whose upper bound reaches the best lower bound are computed from the matrix itself, by the same kernel in the same order of sums. The answer is the one of
/// the whole matrix, bit for bit.
/// </summary>
internal sealed unsafe class TopSearch : IDisposable
{
    private const int Block = 512;

    private readonly Matrix matrix;
    private readonly Matrix small;
    private readonly NativeBuffer data;
    private readonly NativeBuffer scales;
    private readonly NativeBuffer bounds;
    private readonly NativeBuffer upper;
    private readonly NativeBuffer candidates;
    private readonly NativeBuffer best;
    private readonly Action<int> block;
    private readonly Action<int> exact;
    private Engine? engine;
    private float* input;
    private float norm;
    private int count;

    /// <summary>Makes the copy.</summary>
    public TopSearch(Matrix matrix, int threads)
    {
        this.matrix = matrix;
        int rows = matrix.Rows, columns = matrix.Columns;
        data = new NativeBuffer((long)rows * columns, clear: false);
        scales = NativeBuffer.Of<float>(rows);
        bounds = NativeBuffer.Of<float>(rows);
        upper = NativeBuffer.Of<float>(rows);
        candidates = NativeBuffer.Of<int>(2L * rows);
        best = NativeBuffer.Of<float>((rows + Block - 1) / Block);
        small = new Matrix(data.Data, rows, columns, WeightFormat.Int8, scales.Floats);
        Parallel.For(0, (rows + Block - 1) / Block, new ParallelOptions { MaxDegreeOfParallelism = threads }, b =>
        {
            using var row = NativeBuffer.Of<float>(columns);
            for (var i = b * Block; i < Math.Min(rows, (b + 1) * Block); i++)
                Quantize(i, row.Floats);
        });
        block = RunBlock;
        exact = RunExact;
    }

    /// <summary>Rows that the last search computed from the matrix itself.</summary>
    public int Computed { get; private set; }

    /// <summary>Bytes that the last search read.</summary>
    public long BytesRead => small.Bytes + (matrix.Rows * 2L * sizeof(float)) + (Computed * (matrix.Bytes / matrix.Rows));

    /// <summary>The row with the largest product, the first of several equal ones.</summary>
    public int Find(Engine engine, float* x)
    {
        this.engine = engine;
        input = x;
        // A little more than the norm: it was rounded itself.
        norm = MathF.Sqrt(engine.Kernel.Dot(x, x, matrix.Columns)) * (1 + 1e-3f);
        var blocks = (matrix.Rows + Block - 1) / Block;
        engine.Run(blocks, block);
        var least = float.NegativeInfinity;
        for (var i = 0; i < blocks; i++)
            least = MathF.Max(least, best.Floats[i]);
        var list = (int*)candidates.Data;
        count = float.IsFinite(least) ? engine.Kernel.Collect(upper.Floats, matrix.Rows, MathF.BitDecrement(least), list) : All(list);
        Computed = count;
        engine.Run((count + 15) / 16, exact);
        var products = candidates.Floats + matrix.Rows;
        return list[Sampler.Largest(new ReadOnlySpan<float>(products, count))];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        data.Dispose();
        scales.Dispose();
        bounds.Dispose();
        upper.Dispose();
        candidates.Dispose();
        best.Dispose();
    }

    // Inputs that are not finite bound nothing.
    private int All(int* list)
    {
        for (var i = 0; i < matrix.Rows; i++)
            list[i] = i;
        return matrix.Rows;
    }

    private void Quantize(int i, float* row)
    {
        int columns = matrix.Columns;
        for (var k = 0; k < columns; k++)
            row[k] = matrix[i, k];
        var scale = WeightStore.Write(row, columns, WeightFormat.Int8, small.Row(i));
        scales.Floats[i] = scale;
        double error = 0, size = 0;
        for (var k = 0; k < columns; k++)
        {
            double rounded = (double)((sbyte*)small.Row(i))[k] * scale, e = row[k] - rounded;
            error += e * e;
            size += ((double)row[k] * row[k]) + (rounded * rounded);
        }

        // Rounding of the two sums in single precision: at most (columns + 2) u |w| |x| each, whatever their order (Higham); both, doubled.
        var sums = 4.0 * (columns + 2) * 6e-8 * Math.Sqrt(size);
        bounds.Floats[i] = (float)((Math.Sqrt(error) + sums) * 1.0001);
    }

    private void RunBlock(int index)
    {
        var first = index * Block;
        var some = Math.Min(Block, matrix.Rows - first);
        engine!.Kernel.MatVec(small, input, upper.Floats + first, first, some);
        best.Floats[index] = engine.Kernel.Bound(upper.Floats + first, bounds.Floats + first, norm, some);
    }

    private void RunExact(int group)
    {
        var list = (int*)candidates.Data;
        var products = candidates.Floats + matrix.Rows;
        for (var i = group * 16; i < Math.Min(count, (group + 1) * 16); i++)
            engine!.Kernel.MatVec(matrix, input, products + i, list[i], 1);
    }
}
