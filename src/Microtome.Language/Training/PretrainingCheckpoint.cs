using System.Text.Json;
using Microtome.Networks;
using Microtome.Torch;
using static Microtome.Torch.torch;

namespace Microtome.Language;

/// <summary>Everything a run needs to go on, in one safetensors file that is replaced in one step.</summary>
internal static class PretrainingCheckpoint
{
    private const string StateKey = "pretraining";

    public static PretrainingState? ReadState(string path)
    {
        if (!File.Exists(path))
            return null;
        try
        {
            var metadata = Safetensors.ReadMetadata(path);
            return JsonSerializer.Deserialize<PretrainingState>(metadata[StateKey]);
        }
        catch (Exception e) when (e is SafetensorsException or KeyNotFoundException or JsonException or EndOfStreamException)
        {
            throw new TextException($"{path} is not a checkpoint of a pretraining run ({e.Message}). Remove it to begin anew.", e);
        }
    }

    public static void Save(string path, TextModel model, AdamW adam, PretrainingState state)
    {
        using var scope = NewDisposeScope();
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var (name, tensor) in model.state_dict())
            tensors["model." + name] = tensor;
        foreach (var (name, tensor) in adam.state_dict())
            tensors["optimizer." + name] = tensor;
        Safetensors.Save(path, tensors, new Dictionary<string, string>(StringComparer.Ordinal) { [StateKey] = JsonSerializer.Serialize(state) });
    }

    public static void Load(string path, TextModel model, AdamW adam)
    {
        using var scope = NewDisposeScope();
        using var file = Safetensors.Load(path);
        try
        {
            model.load_state_dict(Under(file.Tensors, "model."));
            adam.load_state_dict(Under(file.Tensors, "optimizer."));
        }
        catch (ArgumentException e)
        {
            throw new TextException($"{path} is the checkpoint of another model: {e.Message} Choose another --output, or remove it to begin anew.", e);
        }
    }

    private static Dictionary<string, Tensor> Under(IReadOnlyDictionary<string, Tensor> tensors, string prefix) =>
        tensors.Where(t => t.Key.StartsWith(prefix, StringComparison.Ordinal)).ToDictionary(t => t.Key[prefix.Length..], static t => t.Value, StringComparer.Ordinal);
}
