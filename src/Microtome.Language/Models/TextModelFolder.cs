using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microtome.Imaging;
using Microtome.Networks;
using Microtome.Torch;
using static Microtome.Torch.torch;

namespace Microtome.Language;

/// <summary>A text model in a folder: model.safetensors and config.json with Hugging Face's names, and the tokenizer's files beside them.</summary>
public static class TextModelFolder
{
    /// <summary>How options are written.</summary>
    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) }, WriteIndented = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    /// <summary>Whose names fit a shape.</summary>
    public static WeightLayout LayoutOf(TransformerOptions options) => !options.Causal ? WeightLayout.Bert : options.NormPlacement == NormPlacement.Sandwich ? WeightLayout.Gemma2 : WeightLayout.Llama;

    /// <summary>Writes a model. Each file appears as a whole.</summary>
    public static void Save(string folder, TextModel model)
    {
        Directory.CreateDirectory(folder);
        var options = model.Transformer.Options;
        var layout = LayoutOf(options);
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var (name, tensor) in model.state_dict())
            tensors[WeightNames.Theirs(name, layout, options.FeedForward == FeedForwardKind.Spark)] = LessOne(name, layout) ? tensor - 1 : tensor;
        Safetensors.Save(Path.Combine(folder, "model.safetensors"), tensors, new Dictionary<string, string>(StringComparer.Ordinal) { ["format"] = "pt" });
        AtomicFile.WriteAllText(Path.Combine(folder, "config.json"), TextModelConfig.Write(options, model.Output, layout).ToJsonString(Json) + "\n");
    }

    /// <summary>Reads a model of ours, or a public BERT.</summary>
    /// <exception cref="TextException">A file is missing, is not what it should be, or the weights do not fit the shape.</exception>
    public static TextModel Load(string folder)
    {
        string config = Path.Combine(folder, "config.json"), weights = Path.Combine(folder, "model.safetensors");
        foreach (string path in new[] { config, weights })
        {
            if (!File.Exists(path))
                throw new TextException($"{folder} is not a text model: it has no {Path.GetFileName(path)}. Give the folder that `text pretrain` wrote (RUN/model), or a download with config.json and model.safetensors.");
        }

        TransformerOptions options;
        TextOutput output;
        WeightLayout layout;
        try
        {
            (options, output, layout) = TextModelConfig.Read(JsonNode.Parse(File.ReadAllText(config))!.AsObject());
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new TextException($"{config} cannot be read as a model's shape: {e.Message}", e);
        }

        using var scope = NewDisposeScope();
        TextModel model;
        try
        {
            model = new TextModel(options, output);
        }
        catch (ArgumentException e)
        {
            throw new TextException($"{config}: {e.Message}", e);
        }

        try
        {
            Fill(model, weights, layout);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private static void Fill(TextModel model, string path, WeightLayout layout)
    {
        using var file = ReadWeights(path);
        var theirs = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var (name, tensor) in file.Tensors)
            theirs[WeightNames.Modern(name, layout)] = tensor;
        var options = model.Transformer.Options;
        var own = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        using (no_grad())
        {
            foreach (string name in model.state_dict().Keys)
            {
                string wanted = WeightNames.Theirs(name, layout, options.FeedForward == FeedForwardKind.Spark);
                if (!theirs.Remove(wanted, out var tensor))
                    throw new TextException($"{path} lacks '{wanted}', which the shape in config.json needs.");
                own[name] = LessOne(name, layout) ? tensor + 1 : tensor;
            }

            if (options.TieEmbeddings)
            {
                theirs.Remove("cls.predictions.decoder.weight");
                theirs.Remove("lm_head.weight");
            }

            var extra = theirs.Keys.Where(static k => !WeightNames.Needless(k)).Take(5).ToList();
            if (extra.Count > 0)
                throw new TextException($"{path} holds weights that the shape in config.json has no place for: {string.Join(", ", extra)}.");
            try
            {
                model.load_state_dict(own);
            }
            catch (ArgumentException e)
            {
                throw new TextException($"{path}: {e.Message}", e);
            }
        }
    }

    private static SafetensorsFile ReadWeights(string path)
    {
        try
        {
            return Safetensors.Load(path);
        }
        catch (Exception e) when (e is SafetensorsException or EndOfStreamException)
        {
            throw new TextException($"{path} cannot be read: {e.Message}", e);
        }
    }

    private static bool LessOne(string name, WeightLayout layout) => layout == WeightLayout.Gemma2 && name.Contains("norm", StringComparison.Ordinal);
}
