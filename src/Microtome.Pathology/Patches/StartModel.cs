using Microtome.Learning.Models;
using Microtome.Networks;

namespace Microtome.Pathology;

/// <summary>The model that training goes on from.</summary>
public static class StartModel
{
    /// <summary>Finds it and makes sure that it can be trained on for a task.</summary>
    /// <param name="name">A name of 'models list' or a folder.</param>
    /// <param name="task">What shall be learned.</param>
    /// <param name="architecture">The architecture that the user asked for; null: whatever the model has.</param>
    /// <exception cref="ModelException">There is no such model, or it differs; the message says in what.</exception>
    public static PatchModel Open(string name, PatchTask task, string? architecture)
    {
        var model = PatchModel.Find(name);
        var wanted = task.Config(architecture ?? model.Config.Architecture);
        string? difference =
            model.IsScript ? $"its network is TorchScript ({PatchModel.ScriptName}), which can be run but not trained; {PatchModel.WeightsName} of a known architecture is needed"
            : !PatchClassifiers.Names.Contains(model.Config.Architecture, StringComparer.Ordinal) ? $"its architecture '{model.Config.Architecture}' is none of {string.Join(", ", PatchClassifiers.Names)}"
            : architecture is not null && architecture != model.Config.Architecture ? $"its architecture is '{model.Config.Architecture}', and --architecture says '{architecture}'"
            : model.Task is { } made && made != task.Name ? $"it was made for '{made}', and --task says '{task.Name}'"
            : !model.Config.ClassNames.SequenceEqual(wanted.ClassNames) ? $"its classes are {string.Join(", ", model.Config.ClassNames)}, and '{task.Name}' needs {string.Join(", ", wanted.ClassNames)}"
            : Math.Abs(model.Config.PatchUm - wanted.PatchUm) > 0.01 * wanted.PatchUm ? FormattableString.Invariant($"its patches are {model.Config.PatchUm:0.##} um wide, and those of '{task.Name}' {wanted.PatchUm:0.##} um")
            : null;
        return difference is null ? model : throw new ModelException($"--from {name}: training cannot start from this model: {difference}.");
    }
}
