using System.Text.Json;

namespace Microtome.Decoding;

/// <summary>The weights of a model folder: <c>model.safetensors</c>, or the files that <c>model.safetensors.index.json</c> names.</summary>
public sealed class ModelFiles : IDisposable
{
    private const string Single = "model.safetensors";
    private const string Index = "model.safetensors.index.json";
    private const int MostFiles = 1000;
    private const long MostIndexBytes = 100_000_000;

    private readonly List<SafetensorsMap> maps = [];
    private readonly Dictionary<string, MappedTensor> tensors = new(StringComparer.Ordinal);

    private ModelFiles(string folder) => Folder = folder;

    /// <summary>Where they lie.</summary>
    public string Folder { get; }

    /// <summary>By name.</summary>
    public IReadOnlyDictionary<string, MappedTensor> Tensors => tensors;

    /// <summary>Maps the files.</summary>
    /// <exception cref="DecodingException">There are none, or one breaks a rule of the format.</exception>
    public static ModelFiles Open(string folder)
    {
        var files = new ModelFiles(folder);
        try
        {
            foreach (var name in Names(folder))
            {
                var path = Path.Combine(folder, name);
                if (!File.Exists(path))
                    throw new DecodingException($"{path}: {Index} names this file, and it is not there.");
                var map = SafetensorsMap.Open(path);
                files.maps.Add(map);
                foreach (var tensor in map.Tensors.Values)
                {
                    if (!files.tensors.TryAdd(tensor.Name, tensor))
                        throw new DecodingException($"{path}: tensor '{tensor.Name}' stands in {files.tensors[tensor.Name].File}, too.");
                }
            }

            return files;
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var map in maps)
            map.Dispose();
        maps.Clear();
    }

    private static IEnumerable<string> Names(string folder)
    {
        if (!Directory.Exists(folder))
            throw new DecodingException($"{folder}: there is no such folder. A model is a folder with config.json and {Single}.");
        if (File.Exists(Path.Combine(folder, Single)))
            return [Single];
        var index = Path.Combine(folder, Index);
        if (!File.Exists(index))
            throw new DecodingException($"{folder}: neither {Single} nor {Index} is there.");
        try
        {
            if (new FileInfo(index).Length > MostIndexBytes)
                throw new DecodingException($"{index}: larger than {MostIndexBytes} bytes.");
            using var json = JsonDocument.Parse(File.ReadAllBytes(index), new JsonDocumentOptions { MaxDepth = 8 });
            string[] names = [.. json.RootElement.GetProperty("weight_map").EnumerateObject().Select(static p => p.Value.GetString() ?? "").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
            if (names.Length is 0 or > MostFiles)
                throw new DecodingException($"{index}: names {names.Length} files.");
            return Array.Find(names, static n => n.Length == 0 || n != Path.GetFileName(n) || n is "." or "..") is { } bad
                ? throw new DecodingException($"{index}: '{bad}' is not the name of a file in this folder.")
                : names;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new DecodingException($"{index}: not valid: {e.Message}", e);
        }
    }
}
