using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Microtome.Learning.Training;

/// <summary>Reads metrics.jsonl of a training run, whatever wrote it: a line is an object with <c>step</c>, and every number in it is one value of the series of that name.</summary>
public static partial class TrainingMetrics
{
    /// <summary>The file's name in a run's folder.</summary>
    public const string FileName = "metrics.jsonl";

    /// <summary>Elements of a list that are read; each is a series of its own, counted from 1 (<c>active 1</c>).</summary>
    public const int MostElements = 64;

    private const int LongestName = 100;

    /// <summary>Reads a line. Values that are no finite numbers count as absent.</summary>
    /// <param name="line">Without the line's end.</param>
    /// <param name="step">The step that it belongs to.</param>
    /// <param name="values">Emptied, then filled by name, without the step.</param>
    /// <returns>False for what is no object with a whole, non-negative step.</returns>
    public static bool TryParse(ReadOnlySpan<byte> line, out long step, List<KeyValuePair<string, double>> values)
    {
        if (TryRead(line, out step, values))
            return true;
        // JSON has no word for what .NET writes as NaN; the other values of such a line count.
        return (line.IndexOf("NaN"u8) >= 0 || line.IndexOf("Infinity"u8) >= 0) && TryRead(Encoding.UTF8.GetBytes(NotFinite().Replace(Encoding.UTF8.GetString(line), "null")), out step, values);
    }

    /// <summary>All lines of a file that can be read, in their order; a torn last line is left out.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static IEnumerable<(long Step, IReadOnlyList<KeyValuePair<string, double>> Values)> Read(string path)
    {
        foreach (string line in File.ReadLines(path))
        {
            var values = new List<KeyValuePair<string, double>>();
            if (TryParse(Encoding.UTF8.GetBytes(line), out long step, values))
                yield return (step, values);
        }
    }

    private static bool TryRead(ReadOnlySpan<byte> line, out long step, List<KeyValuePair<string, double>> values)
    {
        values.Clear();
        step = -1;
        try
        {
            var json = new Utf8JsonReader(line);
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
                return false;
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                string name = json.GetString()!;
                json.Read();
                if (name == "step")
                    step = json.TokenType == JsonTokenType.Number && json.TryGetInt64(out long whole) ? whole : -1;
                else if (json.TokenType == JsonTokenType.StartArray)
                    ReadList(ref json, name, values);
                else
                    Take(ref json, name, values);
            }

            return json.TokenType == JsonTokenType.EndObject && !json.Read() && step >= 0;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static void ReadList(ref Utf8JsonReader json, string name, List<KeyValuePair<string, double>> values)
    {
        for (int i = 1; json.Read() && json.TokenType != JsonTokenType.EndArray; i++)
        {
            if (i <= MostElements)
                Take(ref json, FormattableString.Invariant($"{name} {i}"), values);
            else
                json.Skip();
        }
    }

    private static void Take(ref Utf8JsonReader json, string name, List<KeyValuePair<string, double>> values)
    {
        if (json.TokenType != JsonTokenType.Number)
            json.Skip();
        else if (name.Length is > 0 and <= LongestName && json.TryGetDouble(out double value) && double.IsFinite(value))
            values.Add(new(name, value));
    }

    [GeneratedRegex(@"(?<=[:,\[]\s*)-?(NaN|Infinity)(?=\s*[,\]}])", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NotFinite();
}
