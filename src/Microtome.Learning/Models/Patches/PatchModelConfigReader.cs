using System.Globalization;
using System.Text.Json;

namespace Microtome.Learning.Models;

/// <summary>Reads config.json field by field, so that every refusal names the field, its value and what belongs there.</summary>
internal sealed class PatchModelConfigReader
{
    private const int MostBytes = 1 << 20;

    private readonly string source;

    private PatchModelConfigReader(string source) => this.source = source;

    public static PatchModelConfig Read(string path)
    {
        try
        {
            if (new FileInfo(path).Length is > MostBytes and var length)
                throw new ModelException($"{path}: {length} bytes; a model's config.json has at most {MostBytes}. It is some other file.");
            return Parse(File.ReadAllText(path), path);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ModelException($"{path}: there is no such file. A model folder holds config.json and torchscript_model.pt or model.safetensors.", exception);
        }
    }

    public static PatchModelConfig Parse(string json, string source)
    {
        var reader = new PatchModelConfigReader(source);
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return reader.Config(document.RootElement);
        }
        catch (JsonException exception)
        {
            throw new ModelException($"{source}: not JSON ({exception.Message.Split('\n')[0]}). Compare it with docs/formats.md.", exception);
        }
    }

    private PatchModelConfig Config(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw Wrong("the file", root, "one object { ... }");
        var version = Required(root, "spec_version", "spec_version");
        if (version.ValueKind != JsonValueKind.String || !version.ValueEquals(PatchModelConfig.SpecVersion))
            throw Wrong("spec_version", version, "\"1.0\", the only version there is");
        var architecture = Name(Required(root, "architecture", "architecture"), "architecture");
        var count = Whole(Required(root, "num_classes", "num_classes"), "num_classes", 1, 1000);
        var size = Whole(Required(root, "patch_size_pixels", "patch_size_pixels"), "patch_size_pixels", 1, 8192);
        var spacing = Number(Required(root, "spacing_um_px", "spacing_um_px"), "spacing_um_px", 0.01, 100);
        return new PatchModelConfig
        {
            Architecture = architecture,
            PatchSizePixels = size,
            SpacingUmPx = spacing,
            ClassNames = Classes(Required(root, "class_names", "class_names"), count),
            Transform = Transform(Required(root, "transform", "transform"), size),
        };
    }

    private List<string> Classes(JsonElement array, int count)
    {
        if (array.ValueKind != JsonValueKind.Array)
            throw Wrong("class_names", array, "a list of names");
        if (array.GetArrayLength() != count)
            throw Wrong("class_names", array, string.Create(CultureInfo.InvariantCulture, $"{count} names, because num_classes is {count}, not {array.GetArrayLength()}"));
        var names = new List<string>(count);
        foreach (var element in array.EnumerateArray())
        {
            var field = string.Create(CultureInfo.InvariantCulture, $"class_names[{names.Count}]");
            var name = Name(element, field);
            if (name.AsSpan().IndexOfAny(',', '"', ';') >= 0)
                throw Wrong(field, element, "a name without comma, semicolon or quotation mark, because it becomes the heading of a CSV column");
            if (names.Contains(name, StringComparer.Ordinal))
                throw Wrong(field, element, "a name that no other class has");
            names.Add(name);
        }

        return names;
    }

    private PatchTransform Transform(JsonElement array, int patch)
    {
        if (array.ValueKind != JsonValueKind.Array)
            throw Wrong("transform", array, "a list of steps: Resize, ToTensor, Normalize");
        var transform = new PatchTransform { Normalizes = false };
        var (index, done) = (0, -1);
        string[] order = ["Resize", "ToTensor", "Normalize"];
        foreach (var step in array.EnumerateArray())
        {
            var field = string.Create(CultureInfo.InvariantCulture, $"transform[{index++}]");
            if (step.ValueKind != JsonValueKind.Object)
                throw Wrong(field, step, "an object with name and arguments");
            Only(step, field, "name", "arguments");
            var name = Required(step, "name", field + ".name");
            var place = name.ValueKind == JsonValueKind.String ? Array.FindIndex(order, known => name.ValueEquals(known)) : -1;
            if (place < 0)
                throw Wrong(field + ".name", name, "Resize, ToTensor or Normalize; no other step is part of spec 1.0");
            if (place <= done)
                throw Wrong(field + ".name", name, $"no {order[place]} after {order[done]}: the steps are Resize, ToTensor, Normalize, in this order and each at most once");
            if (place == 2 && done != 1)
                throw Wrong(field + ".name", name, "ToTensor before Normalize");
            done = place;
            transform = Step(place, transform, step.TryGetProperty("arguments", out var arguments) ? arguments : null, field + ".arguments");
        }

        if (done < 1)
            throw Wrong("transform", array, "a step ToTensor");
        if (transform is { Side: null, Width: null } && patch > 2048)
            throw Wrong("transform", array, string.Create(CultureInfo.InvariantCulture, $"a step Resize to at most 2048 pixels, because patch_size_pixels is {patch}"));
        return transform;
    }

    private PatchTransform Step(int kind, PatchTransform transform, JsonElement? given, string field)
    {
        if (given is { ValueKind: not JsonValueKind.Object } wrong)
            throw Wrong(field, wrong, "an object");
        switch (kind)
        {
            case 0:
                Only(given, field, "size", "antialias");
                if (Optional(given, "antialias") is { ValueKind: not (JsonValueKind.True or JsonValueKind.Null) } flag)
                    throw Wrong(field + ".antialias", flag, "true: pictures are always resized with antialiasing");
                var size = Required(given, "size", field + ".size");
                if (size.ValueKind != JsonValueKind.Array)
                    return transform with { Side = Whole(size, field + ".size", 1, 2048) };
                var sides = size.EnumerateArray().Select((side, i) => Whole(side, string.Create(CultureInfo.InvariantCulture, $"{field}.size[{i}]"), 1, 2048)).ToArray();
                return sides.Length switch
                {
                    1 => transform with { Side = sides[0] },
                    2 => transform with { Height = sides[0], Width = sides[1] },
                    _ => throw Wrong(field + ".size", size, "one number (the shorter side) or [height, width]"),
                };
            case 1:
                Only(given, field);
                return transform;
            default:
                Only(given, field, "mean", "std", "inplace");
                return transform with
                {
                    Normalizes = true,
                    Mean = Colour(Required(given, "mean", field + ".mean"), field + ".mean", -1000),
                    Std = Colour(Required(given, "std", field + ".std"), field + ".std", 1e-6),
                };
        }
    }

    private double[] Colour(JsonElement array, string field, double least)
    {
        if (array.ValueKind != JsonValueKind.Array || array.GetArrayLength() != 3)
            throw Wrong(field, array, "three numbers: red, green, blue");
        return [.. array.EnumerateArray().Select((value, i) => Number(value, string.Create(CultureInfo.InvariantCulture, $"{field}[{i}]"), least, 1000))];
    }

    private string Name(JsonElement element, string field)
    {
        var name = element.ValueKind == JsonValueKind.String ? Text(element, field) : throw Wrong(field, element, "text");
        return name.Length is > 0 and <= 200 && !string.IsNullOrWhiteSpace(name) && !name.Any(static c => char.IsControl(c) || c is '\u2028' or '\u2029' || char.IsSurrogate(c))
            ? name
            : throw Wrong(field, element, "1 to 200 characters without line breaks or control characters");
    }

    private string Text(JsonElement element, string field)
    {
        try
        {
            return element.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Wrong(field, element, "text in whole Unicode characters");
        }
    }

    private int Whole(JsonElement element, string field, int least, int most) =>
        element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out var value) && value >= least && value <= most
            ? value
            : throw Wrong(field, element, string.Create(CultureInfo.InvariantCulture, $"a whole number from {least} to {most}"));

    private double Number(JsonElement element, string field, double least, double most) =>
        element.ValueKind == JsonValueKind.Number && element.TryGetDouble(out var value) && value >= least && value <= most
            ? value
            : throw Wrong(field, element, string.Create(CultureInfo.InvariantCulture, $"a number from {least} to {most}"));

    private JsonElement Required(JsonElement? parent, string name, string field) =>
        Optional(parent, name) ?? throw new ModelException($"{source}: {field} is missing. docs/formats.md has the fields of a patch model.");

    private static JsonElement? Optional(JsonElement? parent, string name) => parent is { } given && given.TryGetProperty(name, out var value) ? value : null;

    private void Only(JsonElement? parent, string field, params ReadOnlySpan<string> known)
    {
        if (parent is not { } given)
            return;
        foreach (var property in given.EnumerateObject())
        {
            if (!known.Contains(property.Name))
                throw Wrong(field + "." + Short(property.Name), property.Value, known.IsEmpty ? "no arguments" : $"nothing but {string.Join(", ", known!)}");
        }
    }

    private ModelException Wrong(string field, JsonElement value, string expected) => new($"{source}: {field}: {Short(value.GetRawText())} stands where {expected} is expected.");

    private static string Short(string text)
    {
        var line = string.Concat(text.Select(static c => char.IsControl(c) ? ' ' : c));
        return line.Length <= 60 ? line : line[..57] + "...";
    }
}
