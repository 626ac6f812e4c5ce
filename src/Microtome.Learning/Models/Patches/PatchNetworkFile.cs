using Microtome.Networks;
using Microtome.Torch;
using static Microtome.Torch.torch;

namespace Microtome.Learning.Models;

/// <summary>Reads the network of a <see cref="PatchModel"/> from its file.</summary>
internal static class PatchNetworkFile
{
    /// <summary>A network of any kind that PyTorch has written as a program.</summary>
    /// <param name="model">Its description.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="freeze">Whether it is made faster; its answers may differ in the last digits.</param>
    /// <exception cref="ModelException">The file holds what is not allowed, or libtorch refuses it.</exception>
    public static ScriptModule Script(PatchModel model, Device device, bool freeze)
    {
        ScriptInspection.Check(model.WeightsPath);
        try
        {
            if (freeze)
                return jit.load_frozen(model.WeightsPath, device);
            var plain = jit.load(model.WeightsPath, device);
            plain.eval();
            return plain;
        }
        catch (TorchException exception)
        {
            throw new ModelException(Sentence(exception.Message), exception);
        }
    }

    /// <summary>A network of <see cref="PatchClassifiers"/> with the weights of the file.</summary>
    /// <param name="model">Its description.</param>
    /// <param name="device">Where it runs.</param>
    /// <exception cref="ModelException">There is no network of that name, or the weights are not its own.</exception>
    public static nn.Module<Tensor, Tensor> Ours(PatchModel model, Device device)
    {
        var architecture = model.Config.Architecture;
        if (!PatchClassifiers.Names.Contains(architecture, StringComparer.Ordinal))
        {
            throw new ModelException(
                $"{model.Folder.Config}: architecture: '{architecture}' with {PatchModel.WeightsName} needs a network of ours, and they are {string.Join(", ", PatchClassifiers.Names)}. With {PatchModel.ScriptName} any network works.");
        }

        var ours = PatchClassifiers.Create(architecture, model.Config.ClassNames.Count);
        try
        {
            ours.load(model.WeightsPath);
            ours.eval();
            ours.to(device);
            if (ours is IFoldable foldable)
                foldable.Fold();
            return ours;
        }
        catch (Exception exception) when (exception is TorchException or ArgumentException or InvalidDataException)
        {
            ours.Dispose();
            throw new ModelException($"{model.WeightsPath}: not the weights of '{architecture}' with {model.Config.ClassNames.Count} classes ({Sentence(exception.Message)}).", exception);
        }
    }

    /// <summary>What happened, in one line: TorchScript puts the script's own lines before it.</summary>
    /// <param name="message">libtorch's message.</param>
    public static string Sentence(string message)
    {
        var lines = message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var line = lines.LastOrDefault(static line => line.StartsWith("RuntimeError", StringComparison.Ordinal)) ?? lines.FirstOrDefault() ?? string.Empty;
        return line.Length <= 300 ? line : line[..297] + "...";
    }
}
