namespace Microtome.Decoding;

/// <summary>
/// Attention of rows (tokens of one or several sequences) over the keys of their own sequence. Dense: softmax of capped scores. Spark (Spark Transformer, section 3.3): the first r_a of a head choose among the visible
/// keys by the statistical threshold and give the weights, the rest gives softplus(q2 . k2) for the chosen ones; with k_a or fewer visible keys all are chosen.
/// </summary>
internal sealed unsafe class Attention : IDisposable
{
    private readonly DecoderConfig config;
    private readonly int context;
    private readonly NativeBuffer angles;
    private readonly NativeBuffer? restAngles;
    private readonly NativeBuffer factors;
    private readonly NativeBuffer scores;
    private readonly Action<int> placeRow;
    private readonly Action<int> attendBlock;
    private Engine? engine;
    private KeyCache? cache;
    private int layer;
    private int rows;
    private int* sequences;
    private int* positions;
    private float* queries;
    private float* keys;
    private float* values;
    private float* output;

    public Attention(DecoderConfig config, int context, int mostRows)
    {
        this.config = config;
        this.context = context;
        var split = config.SparkKeyWidth;
        var first = split > 0 ? split : config.HeadWidth;
        angles = NativeBuffer.Of<float>((long)context * first);
        config.Rotary.Fill(angles.Floats, context, first);
        if (split > 0)
        {
            restAngles = NativeBuffer.Of<float>((long)context * (config.HeadWidth - split));
            config.Rotary.Fill(restAngles.Floats, context, config.HeadWidth - split);
        }

        factors = NativeBuffer.Of<float>(context + 1);
        for (var n = 1; n <= context && split > 0; n++)
            factors.Floats[n] = StatisticalTopK.Factor(config.SparkKeys, n);
        // Scores, chosen keys and their weights of every block that may run at a time: one for each row and key head.
        scores = NativeBuffer.Of<float>(3L * context * Math.Min(mostRows, MostBlocks) * config.KeyHeads, clear: false);
        placeRow = PlaceRow;
        attendBlock = AttendBlock;
    }

    // Rows of one parallel step, so that scratch memory stays bounded.
    private const int MostBlocks = 64;

    private int Group => config.Heads / config.KeyHeads;

    /// <summary>Turns queries and keys, stores keys and values, attends. Queries [rows, heads * width] are overwritten.</summary>
    public void Run(Engine engine, KeyCache cache, int layer, int rows, int* sequences, int* positions, float* queries, float* keys, float* values, float* output)
    {
        this.engine = engine;
        this.cache = cache;
        this.layer = layer;
        this.sequences = sequences;
        this.positions = positions;
        this.queries = queries;
        this.keys = keys;
        this.values = values;
        this.output = output;
        engine.Run(rows, placeRow);
        for (firstRow = 0; firstRow < rows; firstRow += MostBlocks)
        {
            this.rows = Math.Min(MostBlocks, rows - firstRow);
            engine.Run(this.rows * config.KeyHeads, attendBlock);
        }
    }

    private int firstRow;

    /// <inheritdoc/>
    public void Dispose()
    {
        angles.Dispose();
        restAngles?.Dispose();
        factors.Dispose();
        scores.Dispose();
    }

    private void PlaceRow(int row)
    {
        int width = config.HeadWidth, position = positions[row], sequence = sequences[row];
        for (var head = 0; head < config.Heads; head++)
            Turn(queries + (((long)row * config.Heads) + head) * width, position);
        for (var head = 0; head < config.KeyHeads; head++)
        {
            var key = keys + (((long)row * config.KeyHeads) + head) * width;
            var value = values + (((long)row * config.KeyHeads) + head) * width;
            Turn(key, position);
            int first = cache!.FirstWidth, second = cache.SecondWidth;
            var to = cache.Second(layer, sequence, head) + ((long)position * second);
            Copy(key, cache.First(layer, sequence, head) + ((long)position * first), first);
            Copy(key + first, to, width - first);
            Copy(value, to + width - first, width);
        }
    }

    private void Turn(float* head, int position)
    {
        var split = config.SparkKeyWidth;
        var first = split > 0 ? split : config.HeadWidth;
        Vectors.Rotate(head, angles.Floats + ((long)position * first), first);
        if (split > 0)
            Vectors.Rotate(head + split, restAngles!.Floats + ((long)position * (config.HeadWidth - split)), config.HeadWidth - split);
    }

    private void AttendBlock(int block)
    {
        var row = firstRow + (block / config.KeyHeads);
        var keyHead = block % config.KeyHeads;
        var position = positions[row];
        var begin = config.IsLocal(layer) ? Math.Max(0, position - config.Window + 1) : 0;
        var count = position - begin + 1;
        var room = scores.Floats + (3L * context * block);
        for (var i = 0; i < Group; i++)
        {
            var head = (keyHead * Group) + i;
            var query = queries + (((long)row * config.Heads) + head) * config.HeadWidth;
            var to = output + (((long)row * config.Heads) + head) * config.HeadWidth;
            var first = cache!.First(layer, sequences[row], keyHead) + ((long)begin * cache.FirstWidth);
            var second = cache.Second(layer, sequences[row], keyHead) + ((long)begin * cache.SecondWidth);
            if (config.SparkKeyWidth > 0)
                Spark(query, first, second, count, room, to);
            else
                Dense(query, first, second, count, room, to);
        }
    }

    private void Dense(float* query, float* keys, float* values, int count, float* room, float* to)
    {
        var kernel = engine!.Kernel;
        var width = config.HeadWidth;
        kernel.MatVec(new Matrix(keys, count, width, WeightFormat.Float32), query, room, 0, count);
        for (var i = 0; i < count; i++)
            room[i] *= config.QueryScale;
        if (config.AttentionCap > 0)
            kernel.SoftCap(room, count, config.AttentionCap);
        var inverse = 1 / kernel.ExpSum(room, count);
        kernel.WeightedRows(values, width, room, count, to);
        for (var i = 0; i < width; i++)
            to[i] *= inverse;
    }

    private void Spark(float* query, float* keys, float* records, int count, float* room, float* to)
    {
        var kernel = engine!.Kernel;
        int split = config.SparkKeyWidth, rest = config.HeadWidth - split;
        kernel.MatVec(new Matrix(keys, count, split, WeightFormat.Float32), query, room, 0, count);
        var scale = 1 / MathF.Sqrt(split);
        for (var i = 0; i < count; i++)
            room[i] *= scale;
        if (config.AttentionCap > 0)
            kernel.SoftCap(room, count, config.AttentionCap);
        var chosen = (int*)room + context;
        var weights = room + (2L * context);
        var threshold = kernel.Threshold(room, count, factors.Floats[count]);
        var some = kernel.Collect(room, count, threshold, chosen);
        // Equal scores, or two values only: none may lie above the threshold. The best ones are kept.
        if (some == 0)
            some = kernel.Collect(room, count, MathF.BitDecrement(kernel.Largest(room, count)), chosen);

        for (var i = 0; i < some; i++)
            weights[i] = room[chosen[i]];
        var inverse = 1 / kernel.ExpSum(weights, some);
        for (var i = 0; i < some; i++)
            weights[i] *= inverse;
        // The scores are no longer needed: their memory takes the products.
        kernel.ChosenKeys(records, cache!.SecondWidth, chosen, weights, some, query + split, rest, 1 / MathF.Sqrt(rest), room, to);
    }

    private static void Copy(float* from, float* to, int count) => Buffer.MemoryCopy(from, to, (long)count * sizeof(float), (long)count * sizeof(float));
}
