using System.Text.Json;

namespace Microtome.Language;

/// <summary>A value in a JSON file that nobody vouches for: every wrong type is answered with the file and the place.</summary>
internal readonly struct JsonPlace(string file, string path, JsonElement element)
{
    public string File => file;

    public string Path => path;

    public JsonElement Element => element;

    public bool IsNull => element.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined;

    /// <summary>The member of an object; null when it is absent or null.</summary>
    public JsonPlace? Find(string name)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw Wrong("an object");
        return element.TryGetProperty(name, out var found) && found.ValueKind != JsonValueKind.Null ? new JsonPlace(file, Join(name), found) : null;
    }

    public JsonPlace Get(string name) => Find(name) ?? throw new TextException($"{file}: {Join(name)} is missing. The file is not complete or not of this kind.");

    public string Text() => element.ValueKind == JsonValueKind.String ? element.GetString()! : throw Wrong("a string");

    public string Text(string name) => Get(name).Text();

    public string? TextOrNull(string name) => Find(name)?.Text();

    public bool Flag(string name, bool otherwise) => Find(name) is not { } found ? otherwise : found.Element.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw found.Wrong("true or false"),
    };

    public int Whole() => element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out var value) ? value : throw Wrong("a whole number");

    public int Whole(string name, int otherwise) => Find(name) is { } found ? found.Whole() : otherwise;

    /// <summary>The elements of an array.</summary>
    public IEnumerable<JsonPlace> Items()
    {
        if (element.ValueKind != JsonValueKind.Array)
            throw Wrong("an array");
        return Enumerate(this);

        static IEnumerable<JsonPlace> Enumerate(JsonPlace place)
        {
            var at = 0;
            foreach (var item in place.Element.EnumerateArray())
                yield return new JsonPlace(place.File, $"{place.Path}[{at++}]", item);
        }
    }

    /// <summary>The members of an object.</summary>
    public IEnumerable<(string Name, JsonPlace Value)> Members()
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw Wrong("an object");
        return Enumerate(this);

        static IEnumerable<(string Name, JsonPlace Value)> Enumerate(JsonPlace place)
        {
            foreach (var member in place.Element.EnumerateObject())
                yield return (member.Name, new JsonPlace(place.File, place.Join(member.Name), member.Value));
        }
    }

    public TextException Wrong(string expected) => new($"{file}: {(path.Length == 0 ? "the file" : path)} must be {expected}; it is {Kind(element.ValueKind)}.");

    public TextException Unsupported(string what) => new($"{file}: {(path.Length == 0 ? "the file" : path)}: {what}");

    private string Join(string name)
    {
        if (name.Length > 40)
            name = name[..40] + "...";
        return path.Length == 0 ? name : $"{path}.{name}";
    }

    private static string Kind(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "another number",
        JsonValueKind.True or JsonValueKind.False => "true or false",
        _ => "null",
    };
}
