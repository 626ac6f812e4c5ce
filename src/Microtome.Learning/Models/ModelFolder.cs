using System.Security.Cryptography;

namespace Microtome.Learning.Models;

/// <summary>A folder with config.json, model.safetensors and MODEL_CARD.md.</summary>
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

    /// <summary>Finds a model by its name under models/ or by the path of its folder.</summary>
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

    /// <summary>The models that come with the program: the folder MICROTOME_MODELS, or models/ beside the assembly or in a folder above it.</summary>
    public static IReadOnlyList<ModelFolder> List()
    {
        foreach (var root in Roots().Where(Directory.Exists))
        {
            var found = Directory.GetDirectories(root).Select(folder => new ModelFolder(folder)).Where(model => File.Exists(model.Config))
                .OrderBy(model => model.Name, StringComparer.Ordinal).ToList();
            if (found.Count > 0)
                return found;
        }

        return [];
    }

    private static IEnumerable<string> Roots()
    {
        if (Environment.GetEnvironmentVariable("MICROTOME_MODELS") is { Length: > 0 } given)
            yield return given;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            yield return Path.Combine(folder.FullName, "models");
    }
}
