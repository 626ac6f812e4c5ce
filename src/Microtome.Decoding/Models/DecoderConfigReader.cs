using System.Text.Json;

namespace Microtome.Decoding;

/// <summary>Reads Hugging Face's <c>config.json</c> of Gemma-2 and Llama-style decoders, with the fields <c>spark_r, spark_k, spark_ra, spark_ka, spark_d_ff</c> of our Spark checkpoints.</summary>
public static class DecoderConfigReader
{
    private const int MostBytes = 1 << 20;

    /// <summary>Reads the file of a model folder.</summary>
    /// <exception cref="DecodingException">It is missing, not valid, or of a kind that is not read.</exception>
    public static DecoderConfig Read(string folder)
    {
        var path = Path.Combine(folder, "config.json");
        if (!File.Exists(path))
            throw new DecodingException($"{path}: there is no such file. A model is a folder with config.json and model.safetensors.");
        if (new FileInfo(path).Length > MostBytes)
            throw new DecodingException($"{path}: larger than {MostBytes} bytes.");
        return Parse(File.ReadAllBytes(path), path);
    }

    /// <summary>Reads the text of the file.</summary>
    /// <exception cref="DecodingException">It is not valid, or of a kind that is not read.</exception>
    public static DecoderConfig Parse(ReadOnlyMemory<byte> json, string source)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 32 });
            return Own(Read(document.RootElement, source), document.RootElement, source).Checked(source);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException or OverflowException)
        {
            throw new DecodingException($"{source}: not a valid config.json: {e.Message}", e);
        }
    }

    private static DecoderConfig Read(JsonElement root, string source)
    {
        var kind = Text(root, "model_type") ?? throw new DecodingException($"{source}: model_type is missing.");
        var gemma = kind is "gemma" or "gemma2";
        if (!gemma && kind is not ("llama" or "mistral"))
            throw new DecodingException($"{source}: model_type '{kind}' is not read; gemma2, gemma, llama and mistral are.");
        foreach (var bias in (ReadOnlySpan<string>)["attention_bias", "mlp_bias"])
        {
            if (root.TryGetProperty(bias, out var value) && value.ValueKind == JsonValueKind.True)
                throw new DecodingException($"{source}: {bias} is true; decoders with biases are not read.");
        }

        var activation = Text(root, "hidden_activation") ?? Text(root, "hidden_act") ?? (gemma ? "gelu_pytorch_tanh" : "silu");
        // The first Gemma configurations say gelu and mean the tanh form.
        bool? gelu = activation switch { "gelu_pytorch_tanh" or "gelu_tanh" => true, "gelu" when gemma => true, "silu" or "swish" => false, _ => null };
        var width = Whole(root, "hidden_size");
        var heads = Whole(root, "num_attention_heads");
        var headWidth = WholeOr(root, "head_dim", heads > 0 ? width / heads : 0);
        var spark = WholeOr(root, "spark_r", 0);
        return new DecoderConfig
        {
            Width = width,
            Hidden = spark > 0 ? WholeOr(root, "spark_d_ff", WholeOr(root, "intermediate_size", 0)) : Whole(root, "intermediate_size"),
            Layers = Whole(root, "num_hidden_layers"),
            Heads = heads,
            KeyHeads = WholeOr(root, "num_key_value_heads", heads),
            HeadWidth = headWidth,
            Vocabulary = Whole(root, "vocab_size"),
            Context = WholeOr(root, "max_position_embeddings", 8192),
            Epsilon = (float)NumberOr(root, "rms_norm_eps", 1e-6),
            NormPlusOne = gemma,
            SandwichNorms = kind == "gemma2",
            Gelu = gelu ?? throw new DecodingException($"{source}: activation '{activation}' is not read; silu and gelu_pytorch_tanh are."),
            EmbeddingScale = gemma ? MathF.Sqrt(width) : 1,
            TiedHead = root.TryGetProperty("tie_word_embeddings", out var tied) && tied.ValueKind is JsonValueKind.True or JsonValueKind.False ? tied.GetBoolean() : gemma,
            QueryScale = (float)(1 / Math.Sqrt(NumberOr(root, "query_pre_attn_scalar", Math.Max(1, headWidth)))),
            AttentionCap = kind == "gemma2" ? (float)NumberOr(root, "attn_logit_softcapping", 0) : 0,
            LogitCap = kind == "gemma2" ? (float)NumberOr(root, "final_logit_softcapping", 0) : 0,
            Window = kind is "gemma2" or "mistral" ? WholeOr(root, "sliding_window", 0) : 0,
            AlternatingWindow = kind == "gemma2",
            Rotary = Rotary(root, source),
            EndTokens = Tokens(root, "eos_token_id"),
            BeginToken = Tokens(root, "bos_token_id") is [var begin, ..] ? begin : null,
            SparkInputs = spark,
            SparkUnits = spark > 0 ? Whole(root, "spark_k") : 0,
            SparkKeyWidth = WholeOr(root, "spark_ra", 0),
            SparkKeys = WholeOr(root, "spark_ka", 0),
        };
    }

    // What our own training writes beside Hugging Face's fields: forms that those cannot say are refused here rather than decoded wrongly.
    private static DecoderConfig Own(DecoderConfig config, JsonElement root, string source)
    {
        if (!root.TryGetProperty("microtome", out var own) || own.ValueKind != JsonValueKind.Object || !own.TryGetProperty("transformer", out var options) || options.ValueKind != JsonValueKind.Object)
            return config;
        foreach (var (name, allowed) in (ReadOnlySpan<(string, string[])>)[("feedForward", ["geGlu", "swiGlu", "spark"]), ("norm", ["rmsNorm"]), ("positions", ["rotary"]), ("normPlacement", ["pre", "sandwich"])])
        {
            if (Text(options, name) is { } value && !allowed.Contains(value, StringComparer.Ordinal))
                throw new DecodingException($"{source}: microtome.transformer.{name} '{value}' is not decoded here; {string.Join(", ", allowed)} {(allowed.Length == 1 ? "is" : "are")}.");
        }

        foreach (var name in (ReadOnlySpan<string>)["biases", "normalizeEmbeddings", "talkingHeads"])
        {
            if (options.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.True or JsonValueKind.Object)
                throw new DecodingException($"{source}: microtome.transformer.{name} is set, which is not decoded here.");
        }

        return config with
        {
            EmbeddingScale = (float)NumberOr(options, "embeddingScale", config.EmbeddingScale),
            AttentionCap = (float)NumberOr(options, "attentionCap", config.AttentionCap),
            LogitCap = (float)NumberOr(options, "logitCap", config.LogitCap),
        };
    }

    private static RotaryOptions Rotary(JsonElement root, string source)
    {
        // Newer files hold all of it in rope_parameters.
        var inner = root.TryGetProperty("rope_parameters", out var parameters) && parameters.ValueKind == JsonValueKind.Object ? parameters
            : root.TryGetProperty("rope_scaling", out var scaling) && scaling.ValueKind == JsonValueKind.Object ? scaling : default;
        var theta = NumberOr(root, "rope_theta", 10000);
        if (inner.ValueKind != JsonValueKind.Object)
            return new RotaryOptions { Theta = theta };
        theta = NumberOr(inner, "rope_theta", theta);
        var factor = NumberOr(inner, "factor", 1);
        if (!(factor > 0 && double.IsFinite(factor)))
            throw new DecodingException($"{source}: the rope factor {factor} must be positive.");
        return (Text(inner, "rope_type") ?? Text(inner, "type") ?? "default") switch
        {
            "default" => new RotaryOptions { Theta = theta },
            "linear" => new RotaryOptions { Theta = theta, LinearFactor = factor },
            "llama3" => new RotaryOptions
            {
                Theta = theta,
                Llama3Factor = factor,
                LowFrequency = NumberOr(inner, "low_freq_factor", 1),
                HighFrequency = NumberOr(inner, "high_freq_factor", 4),
                OriginalContext = NumberOr(inner, "original_max_position_embeddings", 8192),
            },
            var other => throw new DecodingException($"{source}: rope_type '{other}' is not read; default, linear and llama3 are."),
        };
    }

    private static string? Text(JsonElement root, string name) => root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static int Whole(JsonElement root, string name) => root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt32() : throw new FormatException($"{name} is missing or not a number.");

    private static int WholeOr(JsonElement root, string name, int otherwise) => root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt32() : otherwise;

    private static double NumberOr(JsonElement root, string name, double otherwise) => root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : otherwise;

    private static int[] Tokens(JsonElement root, string name) => !root.TryGetProperty(name, out var value) ? []
        : value.ValueKind == JsonValueKind.Number ? [value.GetInt32()]
        : value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(static v => v.GetInt32())] : [];
}
