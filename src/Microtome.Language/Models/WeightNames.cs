using System.Text.RegularExpressions;

namespace Microtome.Language;

/// <summary>Translates between the names of our modules and those of Hugging Face's. Parts that theirs lack (gates in BERT, talking heads, Spark) have names of ours in their style.</summary>
internal static partial class WeightNames
{
    private static readonly Dictionary<WeightLayout, (string Own, string Theirs)[]> s_names = new()
    {
        [WeightLayout.Bert] =
        [
            ("tokens", "bert.embeddings.word_embeddings"),
            ("places", "bert.embeddings.position_embeddings"),
            ("segments", "bert.embeddings.token_type_embeddings"),
            ("embedding_norm", "bert.embeddings.LayerNorm"),
            ("transformer.final_norm", "bert.encoder.LayerNorm"),
            ("transformer.relative.relative_attention_bias", "bert.encoder.relative_attention_bias"),
            ("head_dense", "cls.predictions.transform.dense"),
            ("head_norm", "cls.predictions.transform.LayerNorm"),
            ("head_bias", "cls.predictions.bias"),
            ("vocabulary", "cls.predictions.decoder"),
            ("transformer.layers.{}.attention.query", "bert.encoder.layer.{}.attention.self.query"),
            ("transformer.layers.{}.attention.key", "bert.encoder.layer.{}.attention.self.key"),
            ("transformer.layers.{}.attention.value", "bert.encoder.layer.{}.attention.self.value"),
            ("transformer.layers.{}.attention.output", "bert.encoder.layer.{}.attention.output.dense"),
            ("transformer.layers.{}.attention.talk", "bert.encoder.layer.{}.attention.self.talk"),
            ("transformer.layers.{}.attention_norm", "bert.encoder.layer.{}.attention.output.LayerNorm"),
            ("transformer.layers.{}.attention_post_norm", "bert.encoder.layer.{}.attention.output.PostLayerNorm"),
            ("transformer.layers.{}.feed_forward.gate", "bert.encoder.layer.{}.intermediate.gate"),
            ("transformer.layers.{}.feed_forward.up", "bert.encoder.layer.{}.intermediate.dense"),
            ("transformer.layers.{}.feed_forward.down", "bert.encoder.layer.{}.output.dense"),
            ("transformer.layers.{}.feed_forward_norm", "bert.encoder.layer.{}.output.LayerNorm"),
            ("transformer.layers.{}.feed_forward_post_norm", "bert.encoder.layer.{}.output.PostLayerNorm"),
        ],
        [WeightLayout.Llama] = Decoder("post_attention_layernorm"),
        [WeightLayout.Gemma2] =
        [
            .. Decoder("pre_feedforward_layernorm"),
            ("transformer.layers.{}.attention_post_norm", "model.layers.{}.post_attention_layernorm"),
            ("transformer.layers.{}.feed_forward_post_norm", "model.layers.{}.post_feedforward_layernorm"),
        ],
    };

    /// <summary>Their name of one of our weights.</summary>
    public static string Theirs(string own, WeightLayout layout, bool spark)
    {
        var (plain, layer) = Layer(own, OwnLayer());
        foreach (var (from, to) in s_names[layout])
        {
            if (plain != from && !plain.StartsWith(from + ".", StringComparison.Ordinal))
                continue;
            string name = (to + plain[from.Length..]).Replace("{}", layer, StringComparison.Ordinal);
            return spark ? name.Replace("mlp.gate_proj", "mlp.predictor", StringComparison.Ordinal).Replace("mlp.up_proj", "mlp.value", StringComparison.Ordinal) : name;
        }

        throw new InvalidOperationException($"There is no name for '{own}'.");
    }

    /// <summary>Their old names: BERT's norms were once called gamma and beta, and encoders come without their prefix.</summary>
    public static string Modern(string theirs, WeightLayout layout)
    {
        string name = theirs.Replace("LayerNorm.gamma", "LayerNorm.weight", StringComparison.Ordinal).Replace("LayerNorm.beta", "LayerNorm.bias", StringComparison.Ordinal);
        if (name == "cls.predictions.decoder.bias")
            return "cls.predictions.bias";
        if (layout == WeightLayout.Bert && (name.StartsWith("embeddings.", StringComparison.Ordinal) || name.StartsWith("encoder.", StringComparison.Ordinal)))
            return "bert." + name;
        return name;
    }

    /// <summary>Weights of theirs for which we have no use: the sentence-pair task, the pooler, counters.</summary>
    public static bool Needless(string theirs) =>
        theirs.Contains("pooler", StringComparison.Ordinal) || theirs.Contains("seq_relationship", StringComparison.Ordinal) || theirs.EndsWith("position_ids", StringComparison.Ordinal)
        || theirs.EndsWith("rotary_emb.inv_freq", StringComparison.Ordinal);

    private static (string Own, string Theirs)[] Decoder(string feedForwardNorm) =>
    [
        ("tokens", "model.embed_tokens"),
        ("places", "model.embed_positions"),
        ("transformer.final_norm", "model.norm"),
        ("transformer.relative.relative_attention_bias", "model.relative_attention_bias"),
        ("vocabulary", "lm_head"),
        ("embedding_norm", "model.embed_norm"),
        ("transformer.layers.{}.attention.query", "model.layers.{}.self_attn.q_proj"),
        ("transformer.layers.{}.attention.key", "model.layers.{}.self_attn.k_proj"),
        ("transformer.layers.{}.attention.value", "model.layers.{}.self_attn.v_proj"),
        ("transformer.layers.{}.attention.output", "model.layers.{}.self_attn.o_proj"),
        ("transformer.layers.{}.attention.talk", "model.layers.{}.self_attn.talk"),
        ("transformer.layers.{}.attention_norm", "model.layers.{}.input_layernorm"),
        ("transformer.layers.{}.feed_forward_norm", "model.layers.{}." + feedForwardNorm),
        ("transformer.layers.{}.feed_forward.gate", "model.layers.{}.mlp.gate_proj"),
        ("transformer.layers.{}.feed_forward.up", "model.layers.{}.mlp.up_proj"),
        ("transformer.layers.{}.feed_forward.down", "model.layers.{}.mlp.down_proj"),
    ];

    private static (string Plain, string Layer) Layer(string name, Regex pattern)
    {
        var match = pattern.Match(name);
        return match.Success ? (name[..match.Groups["layer"].Index] + "{}" + name[(match.Groups["layer"].Index + match.Groups["layer"].Length)..], match.Groups["layer"].Value) : (name, string.Empty);
    }

    [GeneratedRegex(@"^transformer\.layers\.(?<layer>\d+)\.", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex OwnLayer();
}
