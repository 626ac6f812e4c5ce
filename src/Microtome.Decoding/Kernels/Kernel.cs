namespace Microtome.Decoding;

/// <summary>All kernels for one instruction set; the format of the weights is looked at here, once a call.</summary>
internal abstract unsafe class Kernel
{
    /// <summary>The kernels of an instruction set.</summary>
    /// <exception cref="NotSupportedException">This machine does not have it.</exception>
    public static Kernel For(Instructions instructions) => !Machine.Has(instructions)
        ? throw new NotSupportedException($"This processor does not have {instructions}.")
        : instructions switch
        {
            Instructions.Avx512 => new Kernel<Lanes512>(),
            Instructions.Avx2 => new Kernel<Lanes256>(),
            _ => new Kernel<Lanes128>(),
        };

    /// <summary>Rows that a panel of <see cref="Gemm"/> holds.</summary>
    public abstract int PanelRows { get; }

    public abstract void MatVec(Matrix w, float* x, float* y, int first, int count);

    public abstract void Gemm(Matrix w, float* x, int xStride, int tokens, float* y, int yStride, int first, int count);

    public abstract float Threshold(float* scores, int count, float factor);

    public abstract int Collect(float* scores, int count, float threshold, int* indices);

    public abstract void SparseRecords(Matrix records, int dot, int* units, float* activations, int count, float* q2, float* y);

    public abstract void SparseProducts(Matrix records, int dot, int* starts, int* tokens, float* h, int first, int count, float* q2, int qStride);

    public abstract void SparseSums(Matrix records, int dot, int column, int width, int* starts, int* tokens, float* h, float* y, int yStride);

    public abstract void Gate(float* a, float* b, int count, bool gelu);

    public abstract void RmsNorm(float* x, float* weight, float* y, int count, float epsilon);

    public abstract void Add(float* y, float* x, int count);

    public abstract void AddScaled(float* y, float* x, float factor, int count);

    public abstract float Dot(float* a, float* b, int count);

    public abstract float Bound(float* x, float* bounds, float factor, int count);

    public abstract void WeightedRows(float* rows, int width, float* w, int count, float* y);

    public abstract void ChosenKeys(float* records, int stride, int* chosen, float* w, int count, float* q, int rest, float scale, float* products, float* y);

    public abstract void SoftCap(float* x, int count, float cap);

    public abstract float ExpSum(float* x, int count);

    public abstract float Largest(float* x, int count);
}

/// <summary>The kernels compiled for <typeparamref name="T"/>.</summary>
internal sealed unsafe class Kernel<T> : Kernel
    where T : struct, ILanes<T>
{
    public override int PanelRows => Decoding.Gemm.PanelRows<T>();

    public override void MatVec(Matrix w, float* x, float* y, int first, int count)
    {
        if (w.Format == WeightFormat.BFloat16)
            Decoding.MatVec.Run<T, ElementBf16>(w, x, y, first, count);
        else if (w.Format == WeightFormat.Int8)
            Decoding.MatVec.Run<T, ElementI8>(w, x, y, first, count);
        else
            Decoding.MatVec.Run<T, ElementF32>(w, x, y, first, count);
    }

    public override void Gemm(Matrix w, float* x, int xStride, int tokens, float* y, int yStride, int first, int count)
    {
        if (w.Format == WeightFormat.BFloat16)
            Decoding.Gemm.Run<T, ElementBf16>(w, x, xStride, tokens, y, yStride, first, count);
        else if (w.Format == WeightFormat.Int8)
            Decoding.Gemm.Run<T, ElementI8>(w, x, xStride, tokens, y, yStride, first, count);
        else
            Decoding.Gemm.Run<T, ElementF32>(w, x, xStride, tokens, y, yStride, first, count);
    }

    public override float Threshold(float* scores, int count, float factor) => StatisticalTopK.Threshold<T>(scores, count, factor);

    public override int Collect(float* scores, int count, float threshold, int* indices) => ActiveUnits.Collect<T>(scores, count, threshold, indices);

    public override void SparseRecords(Matrix records, int dot, int* units, float* activations, int count, float* q2, float* y)
    {
        var data = records.Row(0);
        var stride = (nint)records.Stride;
        var width = records.Columns - dot;
        var scales = (float*)records.Scales;
        if (records.Format == WeightFormat.BFloat16)
            Decoding.SparseRecords.Run<T, ElementBf16>(data, stride, dot, width, scales, units, activations, count, q2, y);
        else if (records.Format == WeightFormat.Int8)
            Decoding.SparseRecords.Run<T, ElementI8>(data, stride, dot, width, scales, units, activations, count, q2, y);
        else
            Decoding.SparseRecords.Run<T, ElementF32>(data, stride, dot, width, scales, units, activations, count, q2, y);
    }

    public override void SparseProducts(Matrix records, int dot, int* starts, int* tokens, float* h, int first, int count, float* q2, int qStride)
    {
        var data = records.Row(0);
        var stride = (nint)records.Stride;
        var scales = (float*)records.Scales;
        if (records.Format == WeightFormat.BFloat16)
            SparseTokens.Products<T, ElementBf16>(data, stride, dot, scales, starts, tokens, h, first, count, q2, qStride);
        else if (records.Format == WeightFormat.Int8)
            SparseTokens.Products<T, ElementI8>(data, stride, dot, scales, starts, tokens, h, first, count, q2, qStride);
        else
            SparseTokens.Products<T, ElementF32>(data, stride, dot, scales, starts, tokens, h, first, count, q2, qStride);
    }

    public override void SparseSums(Matrix records, int dot, int column, int width, int* starts, int* tokens, float* h, float* y, int yStride)
    {
        var data = records.Row(0) + ((nint)dot * Matrix.SizeOf(records.Format));
        var stride = (nint)records.Stride;
        if (records.Format == WeightFormat.BFloat16)
            SparseTokens.Sums<T, ElementBf16>(data, stride, column, width, records.Rows, starts, tokens, h, y, yStride);
        else if (records.Format == WeightFormat.Int8)
            SparseTokens.Sums<T, ElementI8>(data, stride, column, width, records.Rows, starts, tokens, h, y, yStride);
        else
            SparseTokens.Sums<T, ElementF32>(data, stride, column, width, records.Rows, starts, tokens, h, y, yStride);
    }

    public override void Gate(float* a, float* b, int count, bool gelu) => Decoding.Gate.Multiply<T>(a, b, count, gelu);

    public override void RmsNorm(float* x, float* weight, float* y, int count, float epsilon) => Vectors.RmsNorm<T>(x, weight, y, count, epsilon);

    public override void Add(float* y, float* x, int count) => Vectors.Add<T>(y, x, count);

    public override void AddScaled(float* y, float* x, float factor, int count) => Vectors.AddScaled<T>(y, x, factor, count);

    public override void WeightedRows(float* rows, int width, float* w, int count, float* y) => Vectors.WeightedRows<T>(rows, width, w, count, y);

    public override void ChosenKeys(float* records, int stride, int* chosen, float* w, int count, float* q, int rest, float scale, float* products, float* y) => Decoding.ChosenKeys.Run<T>(records, stride, chosen, w, count, q, rest, scale, products, y);

    public override float Bound(float* x, float* bounds, float factor, int count) => Vectors.Bound<T>(x, bounds, factor, count);

    public override float Dot(float* a, float* b, int count) => Vectors.Dot<T>(a, b, count);

    public override void SoftCap(float* x, int count, float cap) => Vectors.SoftCap<T>(x, count, cap);

    public override float ExpSum(float* x, int count) => Vectors.ExpSum<T>(x, count);

    public override float Largest(float* x, int count) => Vectors.Largest<T>(x, count);
}
