using System.Text.Json;
using System.Text.Json.Nodes;
using Microtome.Networks;

namespace Microtome.Language;

/// <summary>config.json: Hugging Face's keys, so that others' programs open the model, and our own options under "microtome".</summary>
internal static class TextModelConfig
{
    public static JsonObject Write(TransformerOptions options, TextOutput output, WeightLayout layout)
    {
        int kv = options.KeyValueHeads > 0 ? options.KeyValueHeads : options.Heads, head = options.HeadWidth > 0 ? options.HeadWidth : options.Width / options.Heads;
        int hidden = options.FeedForwardWidth > 0 ? options.FeedForwardWidth : 4 * options.Width;
        bool theirs = IsTheirs(options, layout);
        var config = new JsonObject
        {
            ["architectures"] = new JsonArray(!theirs ? "MicrotomeTransformer" : layout switch { WeightLayout.Bert => "BertForMaskedLM", WeightLayout.Gemma2 => "Gemma2ForCausalLM", _ => "LlamaForCausalLM" }),
            ["model_type"] = !theirs ? "microtome" : layout switch { WeightLayout.Bert => "bert", WeightLayout.Gemma2 => "gemma2", _ => "llama" },
            ["vocab_size"] = options.Vocabulary,
            ["hidden_size"] = options.Width,
            ["num_hidden_layers"] = options.Layers,
            ["num_attention_heads"] = options.Heads,
            ["intermediate_size"] = hidden,
            ["max_position_embeddings"] = options.MaxLength,
            ["tie_word_embeddings"] = options.TieEmbeddings,
            ["hidden_act"] = Activation(options.FeedForward),
            ["torch_dtype"] = "float32",
        };
        if (layout == WeightLayout.Bert)
        {
            config["type_vocab_size"] = Math.Max(1, options.SegmentKinds);
            config["layer_norm_eps"] = options.NormEpsilon;
            config["hidden_dropout_prob"] = options.Dropout;
            config["attention_probs_dropout_prob"] = options.Dropout;
        }
        else
        {
            config["num_key_value_heads"] = kv;
            config["head_dim"] = head;
            config["rms_norm_eps"] = options.NormEpsilon;
            config["rope_theta"] = options.RotaryBase;
            config["attention_bias"] = options.Biases;
            if (layout == WeightLayout.Gemma2)
            {
                config["hidden_activation"] = "gelu_pytorch_tanh";
                config["query_pre_attn_scalar"] = head;
                config["attn_logit_softcapping"] = options.AttentionCap > 0 ? options.AttentionCap : null;
                config["final_logit_softcapping"] = options.LogitCap > 0 ? options.LogitCap : null;
                config["sliding_window"] = options.MaxLength;
            }

            if (options.FeedForward == FeedForwardKind.Spark)
            {
                config["spark_r"] = options.Spark is { PredictorWidth: > 0 } r ? r.PredictorWidth : options.Width / 2;
                config["spark_k"] = options.Spark is { ActiveUnits: > 0 } k ? k.ActiveUnits : Math.Max(1, (int)Math.Round(0.08 * hidden));
                config["spark_d_ff"] = hidden;
            }

            if (options.Spark is { AttentionPredictorWidth: > 0 } attention)
            {
                config["spark_ra"] = attention.AttentionPredictorWidth;
                config["spark_ka"] = attention.AttendedKeys;
            }
        }

        config["microtome"] = new JsonObject { ["output"] = JsonSerializer.SerializeToNode(output, TextModelFolder.Json), ["transformer"] = JsonSerializer.SerializeToNode(options, TextModelFolder.Json) };
        return config;
    }

    public static (TransformerOptions Options, TextOutput Output, WeightLayout Layout) Read(JsonObject config)
    {
        if (config["microtome"] is JsonObject own)
        {
            var options = own["transformer"].Deserialize<TransformerOptions>(TextModelFolder.Json) ?? throw new FormatException("'microtome.transformer' is empty");
            return (options, own["output"].Deserialize<TextOutput>(TextModelFolder.Json), TextModelFolder.LayoutOf(options));
        }

        string type = (string?)config["model_type"] ?? "bert";
        int width = Number(config, "hidden_size"), heads = Number(config, "num_attention_heads");
        var shape = new TransformerOptions
        {
            Layers = Number(config, "num_hidden_layers"),
            Width = width,
            Heads = heads,
            FeedForwardWidth = Number(config, "intermediate_size"),
            Vocabulary = Number(config, "vocab_size"),
            MaxLength = (int?)config["max_position_embeddings"] ?? 512,
        };
        return type switch
        {
            "bert" => (shape with
            {
                NormPlacement = NormPlacement.Post,
                NormalizeEmbeddings = true,
                NormEpsilon = (double?)config["layer_norm_eps"] ?? 1e-12,
                SegmentKinds = (int?)config["type_vocab_size"] ?? 2,
                Dropout = (double?)config["hidden_dropout_prob"] ?? 0,
                FeedForward = (string?)config["hidden_act"] switch
                {
                    null or "gelu" => FeedForwardKind.Gelu,
                    "gelu_new" or "gelu_pytorch_tanh" => FeedForwardKind.GeluTanh,
                    "relu" => FeedForwardKind.Relu,
                    var other => throw new FormatException($"the activation '{other}' is not known"),
                },
            }, TextOutput.MaskedToken, WeightLayout.Bert),
            "llama" => (Causal(shape, config) with { FeedForward = FeedForwardKind.SwiGlu, TieEmbeddings = (bool?)config["tie_word_embeddings"] ?? false }, TextOutput.NextToken, WeightLayout.Llama),
            "gemma2" => (Causal(shape, config) with
            {
                FeedForward = FeedForwardKind.GeGlu,
                NormPlacement = NormPlacement.Sandwich,
                EmbeddingScale = Math.Sqrt(width),
                AttentionCap = (double?)config["attn_logit_softcapping"] ?? 0,
                LogitCap = (double?)config["final_logit_softcapping"] ?? 0,
            }, TextOutput.NextToken, WeightLayout.Gemma2),
            _ => throw new FormatException($"models of the kind '{type}' are not known (bert, llama, gemma2 are)"),
        };
    }

    // Another program must not take for a BERT what computes something else. Spark has keys of its own, which our decoder knows.
    private static bool IsTheirs(TransformerOptions options, WeightLayout layout)
    {
        if (options.TalkingHeads is { Mixing: not HeadMixing.None })
            return false;
        if (layout == WeightLayout.Bert)
        {
            return options is { NormPlacement: NormPlacement.Post, Norm: NormKind.LayerNorm, NormalizeEmbeddings: true, Positions: PositionKind.Learned, Biases: true, TieEmbeddings: true, EmbeddingScale: 1, AttentionCap: 0, LogitCap: 0 }
                && options.FeedForward is FeedForwardKind.Gelu or FeedForwardKind.GeluTanh or FeedForwardKind.Relu && (options.KeyValueHeads == 0 || options.KeyValueHeads == options.Heads);
        }

        bool decoder = options is { Norm: NormKind.RmsNorm, Positions: PositionKind.Rotary, Biases: false, NormalizeEmbeddings: false };
        return decoder && (layout == WeightLayout.Gemma2
            ? options.FeedForward is FeedForwardKind.GeGlu or FeedForwardKind.Spark && Math.Abs(options.EmbeddingScale - Math.Sqrt(options.Width)) < 1e-6
            : options.FeedForward is FeedForwardKind.SwiGlu or FeedForwardKind.GeGlu or FeedForwardKind.Spark && options is { EmbeddingScale: 1, AttentionCap: 0, LogitCap: 0 });
    }

    private static TransformerOptions Causal(TransformerOptions shape, JsonObject config) => shape with
    {
        Causal = true,
        Norm = NormKind.RmsNorm,
        NormEpsilon = (double?)config["rms_norm_eps"] ?? 1e-6,
        Positions = PositionKind.Rotary,
        RotaryBase = (double?)config["rope_theta"] ?? 10000,
        KeyValueHeads = (int?)config["num_key_value_heads"] ?? 0,
        HeadWidth = (int?)config["head_dim"] ?? 0,
        Biases = (bool?)config["attention_bias"] ?? false,
    };

    private static int Number(JsonObject config, string key) => (int?)config[key] ?? throw new FormatException($"'{key}' is missing");

    private static string Activation(FeedForwardKind kind) => kind switch
    {
        FeedForwardKind.Gelu => "gelu",
        FeedForwardKind.Relu or FeedForwardKind.ReGlu => "relu",
        FeedForwardKind.SwiGlu => "silu",
        _ => "gelu_pytorch_tanh",
    };
}
