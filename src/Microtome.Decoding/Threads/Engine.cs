namespace Microtome.Decoding;

/// <summary>Kernels and the threads that run them. What is one call here is cut into blocks that depend on the shapes alone, so that results do not depend on the number of threads.</summary>
internal sealed unsafe class Engine : IDisposable
{
    // Long enough that starting a block costs nothing, short enough that a slow thread holds nobody up for long.
    private const long BlockBytes = 256 << 10;

    private readonly WorkerPool pool;
    private readonly Action<int> vectorBlock;
    private readonly Action<int> matrixBlock;
    private Matrix matrix;
    private float* input;
    private float* output;
    private int inputStride;
    private int outputStride;
    private int tokens;
    private int rowsPerBlock;

    public Engine(int threads, Instructions? instructions = null)
    {
        Kernel = Kernel.For(instructions ?? Machine.Best);
        pool = new WorkerPool(threads);
        vectorBlock = VectorBlock;
        matrixBlock = MatrixBlock;
    }

    public Kernel Kernel { get; }

    public int Threads => pool.Threads;

    internal long AllocatedBytes => pool.AllocatedBytes;

    /// <summary>Blocks in parallel; a block's result must not depend on who works on it.</summary>
    public void Run(int blocks, Action<int> work) => pool.Run(blocks, work);

    /// <summary>y[t] = W x[t] for each token.</summary>
    public void Linear(Matrix w, float* x, int xStride, int count, float* y, int yStride)
    {
        matrix = w;
        input = x;
        inputStride = xStride;
        tokens = count;
        output = y;
        outputStride = yStride;
        if (count == 1)
        {
            rowsPerBlock = RowsPerBlock(w);
            Run((w.Rows + rowsPerBlock - 1) / rowsPerBlock, vectorBlock);
        }
        else
        {
            rowsPerBlock = Kernel.PanelRows;
            Run((w.Rows + rowsPerBlock - 1) / rowsPerBlock, matrixBlock);
        }
    }

    /// <summary>Rows of a matrix that one thread takes at a time, a multiple of four.</summary>
    public static int RowsPerBlock(Matrix w) => (int)Math.Max(4, BlockBytes / Math.Max(1, w.Stride) / 4 * 4);

    /// <inheritdoc/>
    public void Dispose() => pool.Dispose();

    private void VectorBlock(int block)
    {
        var first = block * rowsPerBlock;
        Kernel.MatVec(matrix, input, output + first, first, Math.Min(rowsPerBlock, matrix.Rows - first));
    }

    private void MatrixBlock(int block)
    {
        var first = block * rowsPerBlock;
        Kernel.Gemm(matrix, input, inputStride, tokens, output, outputStride, first, Math.Min(rowsPerBlock, matrix.Rows - first));
    }
}
