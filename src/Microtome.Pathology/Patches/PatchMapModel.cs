using Microtome.Imaging;
using Microtome.Learning;
using Microtome.Learning.Models;

namespace Microtome.Pathology;

/// <summary>A patch classifier with what belongs to it, for an analysis.</summary>
public sealed record PatchMapModel
{
    /// <summary>What it finds: til or tumor.</summary>
    public required PatchTask Task { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Hash of its weights.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Its config.json.</summary>
    public required PatchModelConfig Config { get; init; }

    /// <summary>How outputs become probabilities; part of what results depend on.</summary>
    public required PatchActivation Activation { get; init; }

    /// <summary>The class that is mapped; null: several tumor classes, of which the most probable decides.</summary>
    public required string? PositiveClass { get; init; }

    /// <summary>Positive from this probability on.</summary>
    public required double Threshold { get; init; }

    /// <summary>What every report must say of it.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Loads the weights; called once a run, only when patches are to be classified.</summary>
    public required Func<IPatchNetwork> CreateNetwork { get; init; }

    /// <summary>Reads the description of a model; weights and libtorch only when they are needed.</summary>
    /// <param name="name">A name of 'models list' or a folder.</param>
    /// <param name="task">What it shall find; a model that was made for something else is refused.</param>
    /// <param name="device">cpu or cuda.</param>
    /// <param name="workers">Threads that classify at once.</param>
    /// <param name="threshold">Goes before the model's own; null for that.</param>
    /// <exception cref="ModelException">There is no such model, its files are wrong, or it was made for another task.</exception>
    /// <exception cref="UsageException">The positive class is not clear.</exception>
    public static PatchMapModel Open(string name, PatchTask task, string device, int workers, double? threshold = null)
    {
        var model = PatchModel.Find(name);
        if (model.Task is { } made && made != task.Name)
            throw new ModelException($"{model.Name} was made for '{made}', not for '{task.Name}'. 'microtome models list' shows what each model finds.");
        var classes = model.Config.ClassNames;
        string? positive = model.PositiveClass is { } place ? classes[place] : null;
        if (positive is null && (task != PatchTask.Tumor || classes.All(TumorSubtypes.IsBackground)))
            throw new UsageException($"{model.Name} has the classes {string.Join(", ", classes)}, and its notes do not say which one means {task.Name}. Say so with positive_class in its microtome.json.");
        return new PatchMapModel
        {
            Task = task,
            Name = model.Name,
            Sha256 = model.WeightsHash,
            Config = model.Config,
            Activation = model.Activation,
            PositiveClass = positive,
            Threshold = threshold ?? model.Threshold,
            Warnings = model.Notes.Warnings,
            CreateNetwork = () =>
            {
                NativeMemory.KeepFreed();
                return PatchClassifier.Open(model, device, workers);
            },
        };
    }

    /// <summary>The map of a table that this model wrote.</summary>
    /// <exception cref="SlideException">The table is none of this model, or its patches lie on no grid.</exception>
    internal PatchMap MapOf(PatchTable table) => PositiveClass is null
        ? TumorSubtypes.MapOf(table, TumorSubtypes.TumorClasses(table))
        : PatchMap.From(table, table.ClassIndex(PositiveClass, "positive_class"));
}
