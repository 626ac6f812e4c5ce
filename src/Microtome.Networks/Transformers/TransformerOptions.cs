namespace Microtome.Networks;

/// <summary>Shape of a <see cref="Transformer"/>. The defaults are a small BERT's.</summary>
public sealed record TransformerOptions
{
    /// <summary>Layers.</summary>
    public int Layers { get; init; } = 4;

    /// <summary>Width of a token, d.</summary>
    public int Width { get; init; } = 256;

    /// <summary>Heads of the queries.</summary>
    public int Heads { get; init; } = 4;

    /// <summary>Heads of keys and values; 0: as many as of the queries. Fewer are shared by groups of query heads (arXiv 2305.13245).</summary>
    public int KeyValueHeads { get; init; }

    /// <summary>Width of a head; 0: <see cref="Width"/> / <see cref="Heads"/>.</summary>
    public int HeadWidth { get; init; }

    /// <summary>Hidden units of the feed-forward part; 0: four times the width.</summary>
    public int FeedForwardWidth { get; init; }

    /// <summary>Tokens in the vocabulary.</summary>
    public int Vocabulary { get; init; } = 30522;

    /// <summary>Longest text, tokens.</summary>
    public int MaxLength { get; init; } = 512;

    /// <summary>Kinds of segments (BERT's sentence A and B); 0: none.</summary>
    public int SegmentKinds { get; init; }

    /// <summary>Whether a token sees only itself and what is before it.</summary>
    public bool Causal { get; init; }

    /// <summary>Where it normalises.</summary>
    public NormPlacement NormPlacement { get; init; }

    /// <summary>How it normalises.</summary>
    public NormKind Norm { get; init; }

    /// <summary>Added to the variance.</summary>
    public double NormEpsilon { get; init; } = 1e-12;

    /// <summary>Whether the embeddings are normalised too, as BERT's are.</summary>
    public bool NormalizeEmbeddings { get; init; }

    /// <summary>Factor of the embeddings; Gemma takes the root of the width.</summary>
    public double EmbeddingScale { get; init; } = 1;

    /// <summary>Hidden units.</summary>
    public FeedForwardKind FeedForward { get; init; }

    /// <summary>How the order is known.</summary>
    public PositionKind Positions { get; init; }

    /// <summary>Base of the rotary angles.</summary>
    public double RotaryBase { get; init; } = 10000;

    /// <summary>Whether linear layers have biases.</summary>
    public bool Biases { get; init; } = true;

    /// <summary>Scores become c tanh(score / c); 0: they stay as they are.</summary>
    public double AttentionCap { get; init; }

    /// <summary>The same for the logits of the vocabulary.</summary>
    public double LogitCap { get; init; }

    /// <summary>Whether the output uses the embedding's weights.</summary>
    public bool TieEmbeddings { get; init; } = true;

    /// <summary>Dropout of embeddings, attention and residuals.</summary>
    public double Dropout { get; init; }

    /// <summary>Standard deviation of fresh weights; BERT's 0.02 suits widths of some hundreds. 0: one over the root of the inputs, which suits every width.</summary>
    public double InitialDeviation { get; init; } = 0.02;

    /// <summary>Talking heads; null: multi-head attention.</summary>
    public TalkingHeadsOptions? TalkingHeads { get; init; }

    /// <summary>Sizes of <see cref="FeedForwardKind.Spark"/>, of <see cref="FeedForwardKind.TopKGeGlu"/> and of Spark attention.</summary>
    public SparkOptions? Spark { get; init; }

    /// <summary>Whether layers are computed again for their gradients instead of being kept.</summary>
    public bool Checkpointing { get; init; }

    internal int QueryWidth => HeadWidth > 0 ? HeadWidth : Width / Heads;

    internal int MemoryHeads => KeyValueHeads > 0 ? KeyValueHeads : Heads;

    internal int SoftmaxHeads => TalkingHeads is { SoftmaxHeads: > 0 } talking ? talking.SoftmaxHeads : Heads;

    internal int ValueHeads => TalkingHeads is { ValueHeads: > 0 } talking ? talking.ValueHeads : MemoryHeads;

    internal int HiddenUnits => FeedForwardWidth > 0 ? FeedForwardWidth : 4 * Width;

    internal int PredictorWidth => Spark is { PredictorWidth: > 0 } spark ? spark.PredictorWidth : Width / 2;

    internal int ActiveUnits => Spark is { ActiveUnits: > 0 } spark ? spark.ActiveUnits : Math.Max(1, (int)Math.Round(0.08 * HiddenUnits));

    internal bool SparkAttention => Spark is { AttentionPredictorWidth: > 0 };

    /// <summary>Refuses shapes that cannot be.</summary>
    /// <exception cref="ArgumentException">Names the value and the rule it breaks.</exception>
    public void Check()
    {
        Require(Layers > 0 && Width > 0 && Heads > 0 && Vocabulary > 0 && MaxLength > 0, $"layers {Layers}, width {Width}, heads {Heads}, vocabulary {Vocabulary} and longest text {MaxLength} must be at least 1");
        Require(HeadWidth > 0 || Width % Heads == 0, $"the width {Width} is not a multiple of the {Heads} heads; say headWidth");
        Require(Heads % MemoryHeads == 0, $"{Heads} query heads cannot share {MemoryHeads} key and value heads evenly");
        Require(Positions != PositionKind.Rotary || QueryWidth % 2 == 0, $"rotary positions need an even width of a head, not {QueryWidth}");
        Require(Dropout is >= 0 and < 1, $"a dropout of {Dropout} is not in [0, 1)");
        if (TalkingHeads is { } talking)
        {
            bool logits = talking.Mixing is HeadMixing.Both or HeadMixing.Logits, weights = talking.Mixing is HeadMixing.Both or HeadMixing.Weights;
            Require(!SparkAttention, "talking heads and Spark attention exclude each other: a softmax head of the one needs the scores of all heads");
            Require(logits || SoftmaxHeads == Heads, $"without a mix of the scores there are as many softmax heads as query heads ({Heads}), not {SoftmaxHeads}");
            Require(weights || talking.ValueHeads == 0 || talking.ValueHeads == SoftmaxHeads, $"without a mix of the weights there are as many value heads as softmax heads ({SoftmaxHeads}), not {talking.ValueHeads}");
            Require(weights || SoftmaxHeads % MemoryHeads == 0, $"{SoftmaxHeads} softmax heads cannot share {MemoryHeads} value heads evenly");
            Require(talking.Start != MixingStart.Identity || (SoftmaxHeads == Heads && (talking.ValueHeads == 0 || talking.ValueHeads == SoftmaxHeads)), "mixes that begin as the identity have as many heads on either side");
            Require(logits || !(talking.QueryToLogits || talking.MemoryToLogits), "a mix of the scores that depends on tokens needs the mix of the scores");
            Require(weights || !(talking.QueryToWeights || talking.MemoryToWeights), "a mix of the weights that depends on tokens needs the mix of the weights");
        }

        if (FeedForward == FeedForwardKind.Spark)
            Require(PredictorWidth < Width, $"a predictor of {PredictorWidth} inputs leaves nothing of the width {Width} for the values");
        if (FeedForward is FeedForwardKind.Spark or FeedForwardKind.TopKGeGlu)
            Require(ActiveUnits <= HiddenUnits, $"{ActiveUnits} active units of {HiddenUnits} cannot be");
        if (SparkAttention)
        {
            Require(Causal, "Spark attention is for causal transformers");
            Require(Spark!.AttentionPredictorWidth < QueryWidth, $"a predictor of {Spark.AttentionPredictorWidth} leaves nothing of a head's {QueryWidth}");
            Require(Spark.AttendedKeys > 0, "Spark attention needs the number of attended keys");
            Require(Positions != PositionKind.Rotary || (Spark.AttentionPredictorWidth % 2 == 0 && (QueryWidth - Spark.AttentionPredictorWidth) % 2 == 0), "rotary positions turn both parts of a head: their widths must be even");
        }
    }

    private static void Require(bool holds, string why)
    {
        if (!holds)
            throw new ArgumentException($"This transformer cannot be: {why}.");
    }
}
