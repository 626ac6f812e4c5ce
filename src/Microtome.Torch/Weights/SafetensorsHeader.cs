using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace Microtome.Torch;

/// <summary>
/// The header of a safetensors file: eight bytes of length (little-endian), then JSON of the form
/// {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [begin, end]}, "__metadata__": {"key": "text"}}, then the data. The offsets
/// count from the end of the header and cover the data without holes and without overlap.
/// </summary>
internal sealed class SafetensorsHeader
{
    /// <summary>The limit of the reference implementation.</summary>
    internal const long MaximumLength = 100_000_000;

    internal static readonly (string Name, torch.ScalarType Type)[] Types =
    [
        ("BOOL", torch.ScalarType.Bool), ("U8", torch.ScalarType.Byte), ("I8", torch.ScalarType.Int8), ("I16", torch.ScalarType.Int16),
        ("I32", torch.ScalarType.Int32), ("I64", torch.ScalarType.Int64), ("F16", torch.ScalarType.Float16), ("BF16", torch.ScalarType.BFloat16),
        ("F32", torch.ScalarType.Float32), ("F64", torch.ScalarType.Float64),
    ];

    internal readonly record struct Entry(string Name, torch.ScalarType Type, long[] Shape, long Begin, long End);

    internal required IReadOnlyList<Entry> Entries { get; init; }
    internal required IReadOnlyDictionary<string, string> Metadata { get; init; }
    internal required long DataStart { get; init; }

    /// <summary>Reads and checks the header; nothing of the data is read.</summary>
    /// <exception cref="SafetensorsException">The file breaks a rule of the format.</exception>
    internal static SafetensorsHeader Read(Stream stream, string path)
    {
        var size = stream.Length;
        if (size < 8)
            throw new SafetensorsException($"{path}: not a safetensors file, it has only {size} bytes and the header's length alone takes 8.");
        Span<byte> prefix = stackalloc byte[8];
        stream.ReadExactly(prefix);
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > MaximumLength)
            throw new SafetensorsException($"{path}: not a safetensors file, its header would have {length} bytes and the limit is {MaximumLength}.");
        if ((long)length > size - 8)
            throw new SafetensorsException($"{path}: the file is cut short, its header has {length} bytes but only {size - 8} follow.");
        var bytes = new byte[length];
        stream.ReadExactly(bytes);
        if (bytes.Length == 0 || bytes[0] != (byte)'{')
            throw new SafetensorsException($"{path}: not a safetensors file, its header does not begin with '{{'.");
        return Parse(bytes, size - 8 - (long)length, path);
    }

    private static SafetensorsHeader Parse(byte[] bytes, long dataLength, string path)
    {
        var entries = new List<Entry>();
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            _ = new UTF8Encoding(false, throwOnInvalidBytes: true).GetCharCount(bytes);
            using var json = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = 8 });
            var names = new HashSet<string>(StringComparer.Ordinal);
            foreach (var property in json.RootElement.EnumerateObject())
            {
                if (!names.Add(property.Name))
                    throw new SafetensorsException($"{path}: the header names '{property.Name}' twice.");
                if (property.Name == "__metadata__")
                    foreach (var item in property.Value.EnumerateObject())
                        metadata[item.Name] = item.Value.GetString() ?? "";
                else
                    entries.Add(ReadEntry(property, dataLength, path));
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException or ArgumentException)
        {
            throw new SafetensorsException($"{path}: the header is not valid: {e.Message}");
        }
        CheckCover(entries, dataLength, path);
        return new SafetensorsHeader { Entries = entries, Metadata = metadata, DataStart = 8 + bytes.Length };
    }

    private static Entry ReadEntry(JsonProperty property, long dataLength, string path)
    {
        var name = property.Name;
        var typeName = property.Value.GetProperty("dtype").GetString();
        var index = Array.FindIndex(Types, t => t.Name == typeName);
        if (index < 0)
            throw new SafetensorsException($"{path}: tensor '{name}' has the type '{typeName}'; read are {string.Join(", ", Types.Select(t => t.Name))}.");
        var shape = property.Value.GetProperty("shape").EnumerateArray().Select(e => e.GetInt64()).ToArray();
        var offsets = property.Value.GetProperty("data_offsets").EnumerateArray().Select(e => e.GetInt64()).ToArray();
        if (offsets.Length != 2 || offsets[0] < 0 || offsets[1] < offsets[0] || offsets[1] > dataLength)
            throw new SafetensorsException($"{path}: tensor '{name}' lies at [{string.Join(", ", offsets)}], outside the {dataLength} bytes of data (is the file cut short?).");
        long bytes = torch.SizeOf(Types[index].Type);
        foreach (var extent in shape)
        {
            if (extent < 0 || (extent > 0 && bytes > long.MaxValue / extent))
                throw new SafetensorsException($"{path}: tensor '{name}' has the impossible shape [{string.Join(", ", shape)}].");
            bytes *= extent;
        }
        if (bytes != offsets[1] - offsets[0])
            throw new SafetensorsException($"{path}: tensor '{name}' of {typeName} [{string.Join(", ", shape)}] needs {bytes} bytes but has {offsets[1] - offsets[0]}.");
        return new Entry(name, Types[index].Type, shape, offsets[0], offsets[1]);
    }

    private static void CheckCover(List<Entry> entries, long dataLength, string path)
    {
        var end = 0L;
        foreach (var entry in entries.OrderBy(e => e.Begin).ThenBy(e => e.End))
        {
            if (entry.Begin != end)
                throw new SafetensorsException($"{path}: the data has {(entry.Begin > end ? "a hole" : "an overlap")} before tensor '{entry.Name}' (byte {entry.Begin}, expected {end}).");
            end = entry.End;
        }
        if (end != dataLength)
            throw new SafetensorsException($"{path}: {dataLength - end} bytes follow the last tensor and belong to none.");
    }
}
