using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microtome.Learning.Training;

/// <summary>What a training run is, as the file of settings in its folder says: a list of names and values, dots between the levels.</summary>
public sealed class RunSettings
{
    private const int MostValues = 300;
    private const int LongestValue = 200;
    private const int MostBytes = 1 << 20;

    // The file, what a run with it trains, and what stands before every name.
    private static readonly (string File, string Kind, string Prefix)[] s_files = [("config.json", "text", ""), ("trial.json", "trial", "trial."), ("options.json", "nuclei", ""), ("options.txt", "classifier", "")];

    private RunSettings(string kind, IReadOnlyList<KeyValuePair<string, string>> values)
    {
        (Kind, Values) = (kind, values);
        if (Find("steps") is { } steps)
            Steps = (long)steps;
        if (Find("batch") is { } batch && Find("length") is { } length)
            TokensPerStep = batch * length;
    }

    /// <summary>Names of the files that settings are read from, in this order.</summary>
    public static IReadOnlyList<string> FileNames { get; } = [.. s_files.Select(static f => f.File)];

    /// <summary>text, trial (an arm of an experiment), nuclei, classifier; empty when no file says it.</summary>
    public string Kind { get; }

    /// <summary>Every setting; lists have commas between their elements.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Values { get; }

    /// <summary>Steps in all; null when unknown.</summary>
    public long? Steps { get; }

    /// <summary>Tokens a step; null when it is no text that is trained on.</summary>
    public double? TokensPerStep { get; }

    /// <summary>Reads the first file of settings that is there.</summary>
    /// <param name="file">The path of a file by its name, or null.</param>
    public static RunSettings Read(Func<string, string?> file)
    {
        foreach (var (name, kind, prefix) in s_files)
        {
            if (file(name) is not { } path)
                continue;
            var values = new List<KeyValuePair<string, string>>();
            foreach (var node in Documents(path))
                Flatten(node, string.Empty, values);
            return new RunSettings(kind, [.. values.Select(v => v.Key.StartsWith(prefix, StringComparison.Ordinal) ? new(v.Key[prefix.Length..], v.Value) : v)]);
        }

        return new RunSettings(string.Empty, []);
    }

    /// <summary>Reads the settings of a run's folder.</summary>
    public static RunSettings ReadFolder(string folder) => Read(name => Path.Combine(folder, name) is var path && File.Exists(path) ? path : null);

    /// <summary>Seconds a step took, by the values of a line of metrics; null when they do not say it.</summary>
    public double? SecondsPerStep(IEnumerable<KeyValuePair<string, double>> values)
    {
        double? seconds = null;
        foreach (var (name, value) in values)
        {
            if (name == "seconds_per_step" && value > 0)
                return value;
            if (name == "tokens_per_s" && value > 0)
                seconds = TokensPerStep / value;
        }

        return seconds;
    }

    // options.txt is several documents, and at last lines that are none.
    private static List<JsonNode> Documents(string path)
    {
        var found = new List<JsonNode>();
        try
        {
            if (new FileInfo(path).Length > MostBytes)
                return found;
            var json = new Utf8JsonReader(File.ReadAllBytes(path), new JsonReaderOptions { AllowMultipleValues = true });
            while (json.Read())
            {
                if (JsonNode.Parse(ref json) is JsonObject node)
                    found.Add(node);
            }
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            // What was read until there counts.
        }

        return found;
    }

    private static void Flatten(JsonNode? node, string name, List<KeyValuePair<string, string>> values)
    {
        if (values.Count >= MostValues)
            return;
        switch (node)
        {
            case JsonObject group:
                foreach (var (key, value) in group)
                    Flatten(value, name.Length == 0 ? key : name + "." + key, values);
                break;
            case JsonArray list when list.Any(static e => e is not JsonValue):
                for (int i = 0; i < list.Count; i++)
                    Flatten(list[i], FormattableString.Invariant($"{name}.{i + 1}"), values);
                break;
            case JsonArray list:
                Add(string.Join(", ", list.Select(static e => e?.ToString())));
                break;
            case not null:
                Add(node.ToString());
                break;
        }

        void Add(string text) => values.Add(new(name, text.Length <= LongestValue ? text : text[..LongestValue] + " ..."));
    }

    private double? Find(string name)
    {
        foreach (var (key, value) in Values)
        {
            if ((key == name || key == "training." + name) && double.TryParse(value, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out double number) && number is > 0 and < 1e15)
                return number;
        }

        return null;
    }
}
