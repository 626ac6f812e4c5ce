using System.IO.Compression;
using System.Text.Json;

namespace Microtome.Imaging;

/// <summary>
/// Reads polygons from GeoJSON: a FeatureCollection, one Feature, a bare geometry, or an array of features, the forms that QuPath exports (old and new
/// ways of writing classes and measurements). Gzip is recognised by its first bytes.
/// </summary>
public static class GeoJsonReader
{
    private const long LargestFile = 2_000_000_000;

    /// <summary>Reads a file.</summary>
    /// <param name="path">GeoJSON, gzipped or not.</param>
    /// <param name="notes">Receives a sentence for each object that is no polygon and was left out.</param>
    /// <exception cref="SlideException">The file cannot be read, is no JSON or no GeoJSON; the message says where.</exception>
    public static IReadOnlyList<GeoJsonFeature> ReadFile(string path, ICollection<string>? notes = null)
    {
        try
        {
            using var stream = File.OpenRead(path);
            return Read(stream, path, notes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SlideException($"{path}: cannot be read ({e.Message}).", e);
        }
    }

    /// <summary>Reads a stream to its end.</summary>
    /// <param name="stream">GeoJSON, gzipped or not.</param>
    /// <param name="source">What messages call the stream.</param>
    /// <param name="notes">Receives a sentence for each object that is no polygon and was left out.</param>
    /// <exception cref="SlideException">The text is no JSON or no GeoJSON; the message says where.</exception>
    public static IReadOnlyList<GeoJsonFeature> Read(Stream stream, string source, ICollection<string>? notes = null)
    {
        try
        {
            using var document = JsonDocument.Parse(AllBytes(stream, source));
            var features = new List<GeoJsonFeature>();
            new Walk(source, features, notes).Any(document.RootElement, "$");
            return features;
        }
        catch (JsonException e)
        {
            throw new SlideException(
                $"{source}: not JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}: {Reason(e)} Export the objects again as GeoJSON, or mend that line.", e);
        }
        catch (InvalidOperationException e)
        {
            // JsonElement.GetString on bytes that are no UTF-8 or on half a surrogate pair.
            throw new SlideException($"{source}: a text in it is no valid Unicode ({e.Message}). Export the objects again as UTF-8.", e);
        }
        catch (InvalidDataException e)
        {
            throw new SlideException($"{source}: the gzip data is damaged ({e.Message}). Export the objects again.", e);
        }
    }

    private static string Reason(JsonException e)
    {
        var text = e.Message;
        var end = text.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return end < 0 ? text : text[..end];
    }

    private static ReadOnlyMemory<byte> AllBytes(Stream stream, string source)
    {
        var raw = Drain(stream, source);
        if (raw.Length >= 2 && raw.Span[0] == 0x1F && raw.Span[1] == 0x8B)
        {
            using var gzip = new GZipStream(new MemoryStream(raw.ToArray()), CompressionMode.Decompress);
            raw = Drain(gzip, source);
        }

        ReadOnlySpan<byte> mark = [0xEF, 0xBB, 0xBF];
        return raw.Span.StartsWith(mark) ? raw[3..] : raw;
    }

    private static ReadOnlyMemory<byte> Drain(Stream stream, string source)
    {
        using var memory = new MemoryStream();
        var buffer = new byte[1 << 16];
        int read;
        while ((read = stream.Read(buffer)) > 0)
        {
            if (memory.Length + read > LargestFile)
                throw new SlideException($"{source}: more than {LargestFile / 1_000_000} MB of GeoJSON; split the file.");
            memory.Write(buffer, 0, read);
        }

        return memory.GetBuffer().AsMemory(0, (int)memory.Length);
    }

    private sealed class Walk(string source, List<GeoJsonFeature> features, ICollection<string>? notes)
    {
        public void Any(JsonElement element, string path)
        {
            if (element.ValueKind == JsonValueKind.Array)
            {
                Each(element, path);
                return;
            }

            switch (TypeOf(element, path))
            {
                case "FeatureCollection":
                    Each(Property(element, "features", JsonValueKind.Array, path), path + ".features");
                    break;
                case "Feature":
                    Feature(element, path);
                    break;
                default:
                    Add(element, default, null, path);
                    break;
            }
        }

        private void Each(JsonElement array, string path)
        {
            var i = 0;
            foreach (var item in array.EnumerateArray())
                Any(item, $"{path}[{i++}]");
        }

        private void Feature(JsonElement feature, string path)
        {
            var geometry = feature.TryGetProperty("geometry", out var g) ? g : default;
            if (geometry.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined)
            {
                notes?.Add($"{source}: {path} has no geometry and was left out.");
                return;
            }

            feature.TryGetProperty("properties", out var properties);
            Guid? id = feature.TryGetProperty("id", out var i) && i.ValueKind == JsonValueKind.String && Guid.TryParse(i.GetString(), out var parsed) ? parsed : null;
            Add(geometry, properties, id, path + ".geometry");
        }

        private void Add(JsonElement geometry, JsonElement properties, Guid? id, string path)
        {
            var type = TypeOf(geometry, path);
            var polygons = new List<Polygon>();
            switch (type)
            {
                case "Polygon":
                    AddPolygon(Property(geometry, "coordinates", JsonValueKind.Array, path), path + ".coordinates", polygons);
                    break;
                case "MultiPolygon":
                    var n = 0;
                    foreach (var part in Property(geometry, "coordinates", JsonValueKind.Array, path).EnumerateArray())
                        AddPolygon(part, $"{path}.coordinates[{n++}]", polygons);
                    break;
                case "Point" or "MultiPoint" or "LineString" or "MultiLineString" or "GeometryCollection":
                    notes?.Add($"{source}: {path} is a {type}, not a polygon, and was left out.");
                    return;
                default:
                    throw Bad(path, $"the type \"{type}\" is not of GeoJSON; expected FeatureCollection, Feature, Polygon or MultiPolygon.");
            }

            if (polygons.Count == 0)
            {
                notes?.Add($"{source}: {path} is empty and was left out.");
                return;
            }

            features.Add(Described(new GeoJsonFeature { Polygons = polygons, Id = id }, properties));
        }

        private void AddPolygon(JsonElement rings, string path, List<Polygon> polygons)
        {
            if (rings.ValueKind != JsonValueKind.Array)
                throw Bad(path, "expected an array of rings.");
            Vertex[]? exterior = null;
            var holes = new List<Vertex[]>();
            var r = 0;
            foreach (var ring in rings.EnumerateArray())
            {
                var vertices = Ring(ring, $"{path}[{r}]");
                if (r++ == 0)
                    exterior = vertices;
                else
                    holes.Add(vertices);
            }

            if (exterior is not null)
                polygons.Add(new Polygon(exterior, [.. holes]));
        }

        private Vertex[] Ring(JsonElement ring, string path)
        {
            if (ring.ValueKind != JsonValueKind.Array)
                throw Bad(path, "expected an array of [x, y] pairs.");
            var vertices = new List<Vertex>(ring.GetArrayLength());
            var i = 0;
            foreach (var pair in ring.EnumerateArray())
            {
                if (pair.ValueKind != JsonValueKind.Array || pair.GetArrayLength() < 2
                    || pair[0].ValueKind != JsonValueKind.Number || pair[1].ValueKind != JsonValueKind.Number
                    || !pair[0].TryGetDouble(out var x) || !pair[1].TryGetDouble(out var y) || !double.IsFinite(x) || !double.IsFinite(y))
                {
                    throw Bad($"{path}[{i}]", $"expected a pair of numbers [x, y], found {Shown(pair)}.");
                }

                vertices.Add(new Vertex(x, y));
                i++;
            }

            if (vertices.Count > 1 && vertices[0] == vertices[^1])
                vertices.RemoveAt(vertices.Count - 1);
            return vertices.Count >= 3 ? [.. vertices] : throw Bad(path, $"a ring needs at least three different vertices, found {vertices.Count}.");
        }

        private static GeoJsonFeature Described(GeoJsonFeature feature, JsonElement properties)
        {
            if (properties.ValueKind != JsonValueKind.Object)
                return feature;
            var type = Text(properties, "objectType") ?? Text(properties, "object_type");
            properties.TryGetProperty("classification", out var classification);
            properties.TryGetProperty("measurements", out var measurements);
            return feature with
            {
                ObjectType = type ?? feature.ObjectType,
                Name = Text(properties, "name"),
                ClassName = ClassNameOf(classification),
                ClassColor = ColorOf(classification),
                Measurements = [.. MeasurementsOf(measurements)],
            };
        }

        private static string? ClassNameOf(JsonElement classification)
        {
            if (classification.ValueKind == JsonValueKind.String)
                return classification.GetString();
            if (classification.ValueKind != JsonValueKind.Object)
                return null;
            return classification.TryGetProperty("names", out var names) && names.ValueKind == JsonValueKind.Array
                ? string.Join(": ", names.EnumerateArray().Select(n => n.ToString()))
                : Text(classification, "name");
        }

        private static (byte R, byte G, byte B)? ColorOf(JsonElement classification)
        {
            if (classification.ValueKind != JsonValueKind.Object)
                return null;
            if (classification.TryGetProperty("color", out var color) && color.ValueKind == JsonValueKind.Array && color.GetArrayLength() >= 3
                && color.EnumerateArray().Take(3).All(c => c.ValueKind == JsonValueKind.Number && c.TryGetByte(out _)))
            {
                return (color[0].GetByte(), color[1].GetByte(), color[2].GetByte());
            }

            // QuPath before 0.3: one packed integer.
            return classification.TryGetProperty("colorRGB", out var packed) && packed.ValueKind == JsonValueKind.Number && packed.TryGetInt32(out var rgb)
                ? ((byte)(rgb >> 16), (byte)(rgb >> 8), (byte)rgb)
                : null;
        }

        private static IEnumerable<KeyValuePair<string, double>> MeasurementsOf(JsonElement measurements)
        {
            if (measurements.ValueKind == JsonValueKind.Object)
            {
                foreach (var m in measurements.EnumerateObject())
                {
                    if (m.Value.ValueKind == JsonValueKind.Number)
                        yield return new(m.Name, m.Value.GetDouble());
                }
            }
            else if (measurements.ValueKind == JsonValueKind.Array)
            {
                // QuPath before 0.4: an array of {name, value}.
                foreach (var m in measurements.EnumerateArray())
                {
                    if (m.ValueKind == JsonValueKind.Object && Text(m, "name") is { } name && m.TryGetProperty("value", out var v) && v.ValueKind == JsonValueKind.Number)
                        yield return new(name, v.GetDouble());
                }
            }
        }

        private static string? Text(JsonElement element, string name)
            => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

        private string TypeOf(JsonElement element, string path)
            => element.ValueKind == JsonValueKind.Object
                ? Property(element, "type", JsonValueKind.String, path).GetString()!
                : throw Bad(path, $"expected an object with a \"type\", found {Shown(element)}.");

        private JsonElement Property(JsonElement element, string name, JsonValueKind kind, string path)
            => element.TryGetProperty(name, out var value) && value.ValueKind == kind
                ? value
                : throw Bad(path, $"\"{name}\" is missing or no {(kind == JsonValueKind.String ? "text" : "array")}.");

        private static string Shown(JsonElement element)
        {
            var text = element.GetRawText();
            return text.Length <= 40 ? text : text[..40] + "...";
        }

        private SlideException Bad(string path, string reason)
            => new($"{source}: not usable at {path}: {reason} Export the objects again as GeoJSON, or mend that place.");
    }
}
