using System.Security.Cryptography;

namespace Microtome.Learning.Models;

/// <summary>A folder with a patch classifier in the WSInfer zoo's layout: config.json, torchscript_model.pt or model.safetensors, and our notes.</summary>
public sealed class PatchModel
{
    /// <summary>The name of a TorchScript file.</summary>
    public const string ScriptName = "torchscript_model.pt";

    /// <summary>The name of a weights file.</summary>
    public const string WeightsName = "model.safetensors";

    private readonly Lazy<string> hash;

    private PatchModel(ModelFolder folder, PatchModelConfig config, PatchModelNotes notes, string weights)
    {
        Folder = folder;
        Config = config;
        Notes = notes;
        WeightsPath = weights;
        hash = new Lazy<string>(() =>
        {
            using var stream = File.OpenRead(WeightsPath);
            return Convert.ToHexStringLower(SHA256.HashData(stream));
        });
    }

    /// <summary>The folder.</summary>
    public ModelFolder Folder { get; }

    /// <summary>config.json.</summary>
    public PatchModelConfig Config { get; }

    /// <summary>microtome.json, or empty notes.</summary>
    public PatchModelNotes Notes { get; }

    /// <summary>The file with the network. Where a folder holds both, this is the TorchScript file, which is the one that WSInfer runs.</summary>
    public string WeightsPath { get; }

    /// <summary>Whether the network is a TorchScript file; otherwise it is an architecture of ours.</summary>
    public bool IsScript => string.Equals(Path.GetFileName(WeightsPath), ScriptName, StringComparison.Ordinal);

    /// <summary>Its name: that of the notes, or of the folder.</summary>
    public string Name => Notes.Name ?? Folder.Name;

    /// <summary>til, tumor or null.</summary>
    public string? Task => Notes.Task;

    /// <summary>How outputs become probabilities: as noted, or softmax for several classes and sigmoid for one.</summary>
    public PatchActivation Activation => Notes.Activation ?? (Config.ClassNames.Count > 1 ? PatchActivation.Softmax : PatchActivation.Sigmoid);

    /// <summary>
    /// The index of the class whose probability is mapped: as noted; the only class; the second of two (in the zoo's models the first is Other); otherwise
    /// the one whose name says tumor or lymphocyte for that task. Null when that does not settle it.
    /// </summary>
    public int? PositiveClass
    {
        get
        {
            var names = Config.ClassNames;
            if (Notes.PositiveClass is { } noted)
                return names.ToList().IndexOf(noted);
            if (names.Count <= 2)
                return names.Count - 1;
            var words = Task switch { "til" => ["lymphocyte", "til"], "tumor" => ["tumor", "tumour"], _ => Array.Empty<string>() };
            var fitting = Enumerable.Range(0, names.Count).Where(i => words.Any(word => names[i].Contains(word, StringComparison.OrdinalIgnoreCase))).ToList();
            return fitting.Count == 1 ? fitting[0] : null;
        }
    }

    /// <summary>The probability from which a patch counts as positive: as noted, or 0.5.</summary>
    public double Threshold => Notes.Threshold ?? 0.5;

    /// <summary>SHA-256 of the file with the network, lower-case hexadecimal.</summary>
    public string WeightsHash => hash.Value;

    /// <summary>Finds a model by its name or by the path of its folder and reads its descriptions; no weights, no libtorch.</summary>
    /// <exception cref="ModelException">There is none, it is of another kind, or its files are wrong.</exception>
    public static PatchModel Find(string nameOrPath) => Read(ModelFolder.Find(nameOrPath));

    /// <summary>Reads the descriptions in a folder.</summary>
    /// <exception cref="ModelException">It is of another kind, or its files are wrong.</exception>
    public static PatchModel Read(ModelFolder folder)
    {
        if (folder.Kind != ModelKind.Patches)
            throw new ModelException($"{folder.Location}: a nucleus model, not a classifier of patches. 'microtome models list' names the others.");
        var config = PatchModelConfig.Read(folder.Config);
        var notesPath = Path.Combine(folder.Location, PatchModelNotes.FileName);
        var notes = PatchModelNotes.Read(notesPath);
        if (notes.PositiveClass is { } positive && !config.ClassNames.Contains(positive, StringComparer.Ordinal))
            throw new ModelException($"{notesPath}: positive_class: '{positive}' is not a class of the model; they are {string.Join(", ", config.ClassNames)}.");
        if (notes.Activation == PatchActivation.Softmax && config.ClassNames.Count == 1)
            throw new ModelException($"{notesPath}: activation: softmax of one class is 1 for every picture. A model of one class needs sigmoid; leave the field out.");
        if (notes.SelfTest is { } test && test.Values.Count != PatchSelfTest.Count * config.ClassNames.Count)
            throw new ModelException($"{notesPath}: self_test.values: {test.Values.Count} numbers; {PatchSelfTest.Count} pictures and {config.ClassNames.Count} classes need {PatchSelfTest.Count * config.ClassNames.Count}.");
        return new PatchModel(folder, config, notes, Network(folder.Location));
    }

    private static string Network(string folder)
    {
        var script = Path.Combine(folder, ScriptName);
        var weights = Path.Combine(folder, WeightsName);
        if (File.Exists(script))
            return script;
        if (File.Exists(weights))
            return weights;
        var pickle = File.Exists(Path.Combine(folder, "pytorch_model.bin")) ? " (pytorch_model.bin is not read: a pickle file can run any code)" : string.Empty;
        throw new ModelException($"{folder}: there is neither {ScriptName} nor {WeightsName}{pickle}. Take the model's folder whole.");
    }
}
