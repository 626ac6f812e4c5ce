namespace Microtome.Decoding;

/// <summary>Gated feed-forward: down (f(gate x) * (up x)), f GELU (tanh) or SiLU. Rows of gate and up meet in one block, so that the hidden values never leave the cache.</summary>
internal sealed unsafe class DenseFeedForward : FeedForward
{
    private readonly Matrix gate;
    private readonly Matrix up;
    private readonly Matrix down;
    private readonly bool gelu;
    private readonly Action<int> vectorBlock;
    private readonly Action<int> matrixBlock;
    private Engine? engine;
    private float* input;
    private float* hidden;
    private float* second;
    private int tokens;
    private int rowsPerBlock;

    /// <param name="gate">[d_ff, d].</param>
    /// <param name="up">[d_ff, d].</param>
    /// <param name="down">[d, d_ff].</param>
    /// <param name="gelu">GELU, otherwise SiLU.</param>
    public DenseFeedForward(Matrix gate, Matrix up, Matrix down, bool gelu)
        : base(gate.Columns)
    {
        this.gate = gate;
        this.up = up;
        this.down = down;
        this.gelu = gelu;
        vectorBlock = VectorBlock;
        matrixBlock = MatrixBlock;
    }

    public override long Bytes => gate.Bytes + up.Bytes + down.Bytes;

    public override long ScratchFloats(int tokens) => 2L * tokens * gate.Rows;

    public override void Run(Engine engine, float* x, int tokens, float* y, float* scratch)
    {
        this.engine = engine;
        input = x;
        this.tokens = tokens;
        hidden = scratch;
        second = scratch + ((long)tokens * gate.Rows);
        rowsPerBlock = tokens == 1 ? Engine.RowsPerBlock(gate) : engine.Kernel.PanelRows;
        engine.Run((gate.Rows + rowsPerBlock - 1) / rowsPerBlock, tokens == 1 ? vectorBlock : matrixBlock);
        engine.Linear(down, hidden, gate.Rows, tokens, y, Width);
    }

    private void VectorBlock(int block)
    {
        var first = block * rowsPerBlock;
        var count = Math.Min(rowsPerBlock, gate.Rows - first);
        var kernel = engine!.Kernel;
        kernel.MatVec(gate, input, hidden + first, first, count);
        kernel.MatVec(up, input, second + first, first, count);
        kernel.Gate(hidden + first, second + first, count, gelu);
    }

    private void MatrixBlock(int block)
    {
        var first = block * rowsPerBlock;
        var count = Math.Min(rowsPerBlock, gate.Rows - first);
        var kernel = engine!.Kernel;
        kernel.Gemm(gate, input, Width, tokens, hidden, gate.Rows, first, count);
        kernel.Gemm(up, input, Width, tokens, second, gate.Rows, first, count);
        for (var t = 0; t < tokens; t++)
            kernel.Gate(hidden + ((long)t * gate.Rows) + first, second + ((long)t * gate.Rows) + first, count, gelu);
    }
}
