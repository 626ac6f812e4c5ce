using System.Security.Cryptography;
using System.Text.Json;

namespace Microtome.Learning.Models;

/// <summary>A folder with config.json, the weights and a card for people.</summary>
/// <param name="Location">The folder.</param>
public sealed record ModelFolder(string Location)
{
    /// <summary>The name of the model: that of its folder.</summary>
    public string Name => Path.GetFileName(Path.TrimEndingDirectorySeparator(Location));

    /// <summary>The weights.</summary>
    public string Weights => Path.Combine(Location, "model.safetensors");

    /// <summary>The description.</summary>
    public string Config => Path.Combine(Location, "config.json");

    /// <summary>The card for people.</summary>
    public string Card => Path.Combine(Location, "MODEL_CARD.md");

    /// <summary>SHA-256 of the weights, lower-case hexadecimal.</summary>
    public string WeightsHash()
    {
        using var stream = File.OpenRead(Weights);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    /// <summary>Which kind of config.json this is: ours has <c>spec</c>, the zoo's has not. Anything that is no JSON object counts as the zoo's.</summary>
    public ModelKind Kind
    {
        get
        {
            try
            {
                if (new FileInfo(Config).Length > 1 << 24)
                    return ModelKind.Patches;
                using var document = JsonDocument.Parse(File.ReadAllBytes(Config));
                return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("spec", out _) ? ModelKind.Nuclei : ModelKind.Patches;
            }
            catch (JsonException)
            {
                return ModelKind.Patches;
            }
        }
    }

    /// <summary>Where imported models go: MICROTOME_MODELS, or microtome/models in the user's data folder (XDG_DATA_HOME, ~/.local/share).</summary>
    public static string UserRoot =>
        Environment.GetEnvironmentVariable("MICROTOME_MODELS") is { Length: > 0 } given
            ? given
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "microtome", "models");

    /// <summary>Finds a model by its name or by the path of its folder.</summary>
    /// <exception cref="ModelException">There is none.</exception>
    public static ModelFolder Find(string nameOrPath)
    {
        if (File.Exists(Path.Combine(nameOrPath, "config.json")))
            return new ModelFolder(Path.GetFullPath(nameOrPath));
        var known = List();
        return known.FirstOrDefault(model => string.Equals(model.Name, nameOrPath, StringComparison.Ordinal))
            ?? throw new ModelException(
                $"There is no model '{nameOrPath}'. Known: {(known.Count == 0 ? "none" : string.Join(", ", known.Select(model => model.Name)))}. Give one of them or the path of a folder with config.json.");
    }

    /// <summary>
    /// The models at hand: those in the folder MICROTOME_MODELS, those that came with the program (models/ beside the assembly or in a folder above it), and
    /// those that the user imported. Of two with the same name the first counts.
    /// </summary>
    public static IReadOnlyList<ModelFolder> List()
    {
        var found = new List<ModelFolder>();
        foreach (var root in Roots().Where(Directory.Exists))
        {
            found.AddRange(Directory.GetDirectories(root).Select(static folder => new ModelFolder(folder))
                .Where(model => File.Exists(model.Config) && !model.Name.StartsWith('.') && !found.Exists(other => string.Equals(other.Name, model.Name, StringComparison.Ordinal)))
                .OrderBy(static model => model.Name, StringComparer.Ordinal).ToList());
        }

        return found;
    }

    private static IEnumerable<string> Roots()
    {
        var user = UserRoot;
        var given = Environment.GetEnvironmentVariable("MICROTOME_MODELS") is { Length: > 0 };
        if (given)
            yield return user;

        // The nearest models/ with a model in it is the program's own.
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var shipped = Path.Combine(folder.FullName, "models");
            if (Directory.Exists(shipped) && Directory.EnumerateDirectories(shipped).Any(static model => File.Exists(Path.Combine(model, "config.json"))))
            {
                yield return shipped;
                break;
            }
        }

        if (!given)
            yield return user;
    }
}
