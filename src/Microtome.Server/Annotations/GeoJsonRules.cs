using System.Text.Json;

namespace Microtome.Server;

/// <summary>What is accepted as annotations: a FeatureCollection (RFC 7946) of points, lines and polygons with finite coordinates, within limits.</summary>
internal static class GeoJsonRules
{
    private const int MostFeatures = 100_000;
    private const int MostVertices = 2_000_000;
    private const double Farthest = 1e9;

    /// <exception cref="RequestException">What is wrong, and in which object.</exception>
    public static void Check(ReadOnlyMemory<byte> content)
    {
        try
        {
            using var document = JsonDocument.Parse(content, new JsonDocumentOptions { MaxDepth = 32 });
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || Text(root, "type") != "FeatureCollection" || !root.TryGetProperty("features", out var features) || features.ValueKind != JsonValueKind.Array)
                throw RequestException.Bad("This is no GeoJSON FeatureCollection.");
            if (features.GetArrayLength() > MostFeatures)
                throw RequestException.Bad($"{features.GetArrayLength()} objects are too many for annotations; at most {MostFeatures} are kept.");
            int number = 0, vertices = 0;
            foreach (var feature in features.EnumerateArray())
            {
                number++;
                if (feature.ValueKind != JsonValueKind.Object || Text(feature, "type") != "Feature" || !feature.TryGetProperty("geometry", out var geometry))
                    throw RequestException.Bad($"Object {number} is no GeoJSON Feature with a geometry.");
                vertices += Shape(geometry, number);
                if (vertices > MostVertices)
                    throw RequestException.Bad($"The shapes have more than {MostVertices} corners.");
            }
        }
        catch (JsonException e)
        {
            throw new RequestException(400, $"This is no JSON: {e.Message}");
        }
    }

    private static int Shape(JsonElement geometry, int number)
    {
        if (geometry.ValueKind != JsonValueKind.Object || !geometry.TryGetProperty("coordinates", out var coordinates))
            throw RequestException.Bad($"Object {number} has no coordinates.");
        string? type = Text(geometry, "type");
        int depth = type switch
        {
            "Point" => 0,
            "LineString" or "MultiPoint" => 1,
            "Polygon" or "MultiLineString" => 2,
            "MultiPolygon" => 3,
            _ => throw RequestException.Bad($"Object {number} is a {type ?? "thing without a type"}; points, lines and polygons are kept."),
        };
        return Positions(coordinates, depth, type is "Polygon" or "MultiPolygon", number);
    }

    private static int Positions(JsonElement element, int depth, bool rings, int number)
    {
        if (element.ValueKind != JsonValueKind.Array)
            throw RequestException.Bad($"The coordinates of object {number} are not lists of numbers.");
        if (depth == 0)
        {
            if (element.GetArrayLength() < 2 || element.EnumerateArray().Any(n => n.ValueKind != JsonValueKind.Number || !n.TryGetDouble(out double d) || !(Math.Abs(d) <= Farthest)))
                throw RequestException.Bad($"A coordinate of object {number} is no pair of numbers that could lie on a slide.");
            return 1;
        }

        if (depth == 1 && rings && element.GetArrayLength() < 4)
            throw RequestException.Bad($"A ring of object {number} has {element.GetArrayLength()} corners; a closed ring has four or more, the last like the first.");
        int count = 0;
        foreach (var part in element.EnumerateArray())
            count += Positions(part, depth - 1, rings, number);
        return count;
    }

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
