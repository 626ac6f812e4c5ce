using System.Globalization;
using Microtome.Torch;
using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Learning.Training;

/// <summary>Everything that a run needs to go on, in one safetensors file that is replaced in one step.</summary>
internal static class TrainingCheckpoint
{
    public static void Save(string path, long step, Module<Tensor, Tensor> network, IReadOnlyDictionary<string, Tensor> average, Optimizer optimizer)
    {
        using var scope = NewDisposeScope();
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var (name, tensor) in network.state_dict())
            tensors["network." + name] = tensor;
        foreach (var (name, tensor) in average)
            tensors["average." + name] = tensor;
        foreach (var (name, tensor) in optimizer.state_dict())
            tensors["optimizer." + name] = tensor;
        Safetensors.Save(path, tensors, new Dictionary<string, string>(StringComparer.Ordinal) { ["step"] = step.ToString(CultureInfo.InvariantCulture) });
    }

    public static long Load(string path, Module<Tensor, Tensor> network, IReadOnlyDictionary<string, Tensor> average, Optimizer optimizer)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var file = Safetensors.Load(path);
        var (tensors, metadata) = (file.Tensors, file.Metadata);
        foreach (var (name, tensor) in network.state_dict())
            tensor.copy_(tensors["network." + name]);
        foreach (var (name, tensor) in average)
            tensor.copy_(tensors["average." + name]);
        optimizer.load_state_dict(tensors.Where(pair => pair.Key.StartsWith("optimizer.", StringComparison.Ordinal))
            .ToDictionary(pair => pair.Key["optimizer.".Length..], pair => pair.Value, StringComparer.Ordinal));
        return long.Parse(metadata["step"], CultureInfo.InvariantCulture);
    }
}
