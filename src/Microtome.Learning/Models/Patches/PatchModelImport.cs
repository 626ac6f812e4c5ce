using Microtome.Imaging;

namespace Microtome.Learning.Models;

/// <summary>
/// Takes a folder in the zoo's layout into the user's models: reads it, runs it, records its self-test, copies it. The copy appears under its name only when it
/// is complete and has answered.
/// </summary>
public sealed record PatchModelImport
{
    // Frozen and plain scripts may differ by so much, relative above 1.
    private const double Alike = 1e-3;

    private static readonly string[] Companions = ["README.md", "MODEL_CARD.md", "LICENSE", "LICENSE.md", "LICENSE.txt"];

    /// <summary>The name to give; null: that of the folder.</summary>
    public string? Name { get; init; }

    /// <summary>til, tumor, or null to keep what the folder says.</summary>
    public string? Task { get; init; }

    /// <summary>The class whose probability is mapped; null to keep what the folder says.</summary>
    public string? PositiveClass { get; init; }

    /// <summary>The probability from which a patch counts as positive; null to keep what the folder says.</summary>
    public double? Threshold { get; init; }

    /// <summary>Whether a model of the same name is replaced.</summary>
    public bool Force { get; init; }

    /// <summary>Imports.</summary>
    /// <param name="source">The folder.</param>
    /// <param name="root">Where the models of the user are; null: <see cref="ModelFolder.UserRoot"/>.</param>
    /// <returns>The model in its new place.</returns>
    /// <exception cref="ModelException">The folder's files are wrong, the network cannot be used, or the name is taken.</exception>
    /// <exception cref="UsageException">An option is wrong.</exception>
    public PatchModel Run(string source, string? root = null)
    {
        if (!File.Exists(Path.Combine(source, "config.json")))
            throw new ModelException($"{source}: there is no config.json in it. Give the folder of a model: config.json and {PatchModel.ScriptName} or {PatchModel.WeightsName}.");
        var model = PatchModel.Read(new ModelFolder(Path.GetFullPath(source)));
        var name = CheckedName(Name ?? model.Name);
        if (PositiveClass is { } positive && !model.Config.ClassNames.Contains(positive, StringComparer.Ordinal))
            throw new UsageException($"--positive-class '{positive}': the classes of this model are {string.Join(", ", model.Config.ClassNames)}.");
        var home = Path.GetFullPath(root ?? ModelFolder.UserRoot);
        var target = Path.Combine(home, name);
        if (ModelFolder.List().FirstOrDefault(other => string.Equals(other.Name, name, StringComparison.Ordinal)) is { } known && !string.Equals(Path.GetFullPath(known.Location), target, StringComparison.Ordinal))
            throw new ModelException($"'{name}' is the name of a model that is there already ({known.Location}). Give another with --name.");
        if (Path.Exists(target) && !Force)
            throw new ModelException($"{target} is there already. Give another name with --name, or --force to replace it.");

        var (answer, batch) = Answer(model);
        var notes = model.Notes with
        {
            Name = null,
            Task = Task ?? model.Notes.Task,
            PositiveClass = PositiveClass ?? model.Notes.PositiveClass,
            Threshold = Threshold ?? model.Notes.Threshold,
            SelfTest = answer,
            Batch = batch,
        };
        Directory.CreateDirectory(home);
        var temporary = Path.Combine(home, $".{name}.{Guid.NewGuid():N}.tmp");
        try
        {
            Directory.CreateDirectory(temporary);
            foreach (var file in Companions.Prepend(Path.GetFileName(model.WeightsPath)).Prepend("config.json"))
            {
                if (File.Exists(Path.Combine(source, file)))
                    Copy(Path.Combine(source, file), Path.Combine(temporary, file));
            }

            AtomicFile.WriteAllText(Path.Combine(temporary, PatchModelNotes.FileName), notes.ToJson());
            if (!string.Equals(PatchModel.Read(new ModelFolder(temporary)).WeightsHash, model.WeightsHash, StringComparison.Ordinal))
                throw new ModelException($"{model.WeightsPath} changed while it was imported. Run the command again when nobody writes to it.");
            Place(temporary, target);
        }
        finally
        {
            if (Directory.Exists(temporary))
                Directory.Delete(temporary, recursive: true);
        }

        return PatchModel.Read(new ModelFolder(target));
    }

    private static string CheckedName(string name) =>
        name.Length is > 0 and <= 100 && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_') && char.IsAsciiLetterOrDigit(name[0])
            ? name
            : throw new UsageException($"--name '{name}': a model's name has 1 to 100 letters, digits, points, hyphens and underscores, and begins with a letter or digit.");

    private static (PatchSelfTest Answer, NotedBatch Batch) Answer(PatchModel model)
    {
        PatchSelfTest fast;
        NotedBatch batch;
        using (var classifier = PatchClassifier.Open(model))
            (fast, batch) = (classifier.Answer, classifier.Batch);
        if (model.Notes.SelfTest is { } recorded)
            return (recorded, batch);
        if (!model.IsScript)
            return (fast, batch);
        using var plain = PatchClassifier.Open(model, freeze: false);
        var difference = fast.LargestDifference(plain.Answer.Values);
        return difference <= Alike
            ? (fast, batch)
            : throw new ModelException($"{model.WeightsPath}: prepared for inference the network answers otherwise than as it is (by {difference:G3}). It cannot be used; please report it.");
    }

    private static void Copy(string from, string to)
    {
        using var source = File.OpenRead(from);
        using var target = new FileStream(to, FileMode.CreateNew, FileAccess.Write);
        source.CopyTo(target);
        target.Flush(flushToDisk: true);
    }

    private static void Place(string temporary, string target)
    {
        var old = temporary + ".old";
        if (Directory.Exists(target))
            Directory.Move(target, old);
        try
        {
            Directory.Move(temporary, target);
        }
        catch
        {
            if (Directory.Exists(old))
                Directory.Move(old, target);
            throw;
        }

        if (Directory.Exists(old))
            Directory.Delete(old, recursive: true);
    }
}
