namespace Microtome.Decoding;

/// <summary>What a decoder is, apart from its weights. Read from Hugging Face's <c>config.json</c> by <see cref="DecoderConfigReader"/>.</summary>
public sealed record DecoderConfig
{
    /// <summary>Model width d.</summary>
    public required int Width { get; init; }

    /// <summary>Hidden units of the feed-forward layers (of Spark layers when <see cref="SparkInputs"/> is set).</summary>
    public required int Hidden { get; init; }

    /// <summary>Layers.</summary>
    public required int Layers { get; init; }

    /// <summary>Query heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Key and value heads; each serves Heads / KeyHeads query heads.</summary>
    public required int KeyHeads { get; init; }

    /// <summary>Width of a head.</summary>
    public required int HeadWidth { get; init; }

    /// <summary>Tokens there are.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>Positions that the model was made for.</summary>
    public int Context { get; init; } = 8192;

    /// <summary>Epsilon of the norms.</summary>
    public float Epsilon { get; init; } = 1e-6f;

    /// <summary>Norms multiply by 1 + weight (Gemma) instead of by the weight.</summary>
    public bool NormPlusOne { get; init; }

    /// <summary>Norms after attention and feed-forward, too (Gemma-2).</summary>
    public bool SandwichNorms { get; init; }

    /// <summary>GELU (tanh form) in the feed-forward layers instead of SiLU.</summary>
    public bool Gelu { get; init; }

    /// <summary>Factor of the embeddings: sqrt(d) for Gemma.</summary>
    public float EmbeddingScale { get; init; } = 1;

    /// <summary>The output matrix is the embedding.</summary>
    public bool TiedHead { get; init; }

    /// <summary>Factor of the attention scores: 1/sqrt(head width), or 1/sqrt(query_pre_attn_scalar).</summary>
    public float QueryScale { get; init; }

    /// <summary>Attention scores become cap tanh(score/cap); 0 for none.</summary>
    public float AttentionCap { get; init; }

    /// <summary>The same for logits.</summary>
    public float LogitCap { get; init; }

    /// <summary>Keys that a position of a local layer sees, itself included; 0 when all layers are global.</summary>
    public int Window { get; init; }

    /// <summary>Only even layers are local (Gemma-2); otherwise all are, when there is a window.</summary>
    public bool AlternatingWindow { get; init; }

    /// <summary>How positions turn the heads.</summary>
    public RotaryOptions Rotary { get; init; } = new();

    /// <summary>Tokens that end a text.</summary>
    public IReadOnlyList<int> EndTokens { get; init; } = [];

    /// <summary>The token that begins a text, if any.</summary>
    public int? BeginToken { get; init; }

    /// <summary>Spark feed-forward: inputs of the predictor, r; 0 for a dense layer.</summary>
    public int SparkInputs { get; init; }

    /// <summary>Spark feed-forward: units that should fire, k.</summary>
    public int SparkUnits { get; init; }

    /// <summary>Spark attention: width of the predictor part of a head, r_a; 0 for dense attention.</summary>
    public int SparkKeyWidth { get; init; }

    /// <summary>Spark attention: keys that a query should see, k_a.</summary>
    public int SparkKeys { get; init; }

    /// <summary>Whether a layer sees the window only.</summary>
    public bool IsLocal(int layer) => Window > 0 && (!AlternatingWindow || layer % 2 == 0);

    /// <summary>Checks what the numbers must obey.</summary>
    /// <exception cref="DecodingException">They cannot be; all that is wrong is listed.</exception>
    public DecoderConfig Checked(string source)
    {
        var wrong = new List<string>();
        Range(nameof(Width), Width, 1, 1 << 17);
        Range(nameof(Hidden), Hidden, 1, 1 << 20);
        Range(nameof(Layers), Layers, 1, 1000);
        Range(nameof(Heads), Heads, 1, 1024);
        Range(nameof(KeyHeads), KeyHeads, 1, 1024);
        Range(nameof(HeadWidth), HeadWidth, 2, 4096);
        Range(nameof(Vocabulary), Vocabulary, 1, 1 << 22);
        Range(nameof(Context), Context, 1, 1 << 24);
        Range(nameof(Window), Window, 0, int.MaxValue);
        if (KeyHeads > 0 && Heads % KeyHeads != 0)
            wrong.Add($"{Heads} query heads do not divide among {KeyHeads} key heads");
        if (HeadWidth % 2 != 0)
            wrong.Add($"the width of a head, {HeadWidth}, is odd");
        if (!(Epsilon >= 0 && float.IsFinite(Epsilon)) || !(AttentionCap >= 0 && float.IsFinite(AttentionCap)) || !(LogitCap >= 0 && float.IsFinite(LogitCap)) || !(QueryScale > 0 && float.IsFinite(QueryScale)))
            wrong.Add("epsilon, caps and scales must be finite and not negative");
        if (!(Rotary.Theta > 0 && double.IsFinite(Rotary.Theta)))
            wrong.Add($"rope_theta {Rotary.Theta} must be positive");
        if (SparkInputs != 0)
        {
            Range("spark_r", SparkInputs, 1, Width - 1);
            Range("spark_k", SparkUnits, 1, Hidden);
        }

        if (SparkKeyWidth != 0)
        {
            Range("spark_ra", SparkKeyWidth, 2, HeadWidth - 2);
            Range("spark_ka", SparkKeys, 1, 1 << 24);
            if (SparkKeyWidth % 2 != 0)
                wrong.Add($"spark_ra {SparkKeyWidth} is odd");
        }

        return wrong.Count == 0 ? this : throw new DecodingException($"{source}: {string.Join("; ", wrong)}.");

        void Range(string name, int value, int least, int most)
        {
            if (value < least || value > most)
                wrong.Add($"{name} {value} must lie in {least} to {most}");
        }
    }
}
