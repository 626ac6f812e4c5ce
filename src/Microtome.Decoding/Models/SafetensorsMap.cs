using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using System.Text;
using System.Text.Json;

namespace Microtome.Decoding;

/// <summary>
/// A safetensors file mapped into memory: nothing is read before it is used, and several processes share the pages. The header is trusted in nothing (lengths, offsets, shapes, holes and overlaps are checked against
/// the size of the file); what passes can be read without leaving the file.
/// </summary>
public sealed unsafe class SafetensorsMap : IDisposable
{
    /// <summary>The limit of the reference implementation.</summary>
    public const long MostHeaderBytes = 100_000_000;

    /// <summary>A model has a few thousand tensors.</summary>
    public const int MostTensors = 1_000_000;

    private readonly MemoryMappedFile? file;
    private readonly MemoryMappedViewAccessor? view;
    private byte* pointer;

    private SafetensorsMap(string path, FileStream stream)
    {
        var (header, start) = ReadHeader(stream, path);
        var length = stream.Length - start;
        var entries = Parse(header, length, path, out var metadata);
        Metadata = metadata;
        var tensors = new Dictionary<string, MappedTensor>(StringComparer.Ordinal);
        if (length > 0)
        {
            file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
            view = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
            view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        }

        foreach (var (name, type, shape, begin, end) in entries)
            tensors.Add(name, new MappedTensor(name, type, shape, length > 0 ? (nint)(pointer + view!.PointerOffset + start + begin) : 0, end - begin, path));
        Tensors = tensors;
    }

    /// <summary>By name.</summary>
    public IReadOnlyDictionary<string, MappedTensor> Tensors { get; }

    /// <summary>Text under the key __metadata__; empty if there is none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Bytes of an element.</summary>
    public static int SizeOf(TensorType type) => type switch
    {
        TensorType.BOOL or TensorType.U8 or TensorType.I8 => 1,
        TensorType.I16 or TensorType.F16 or TensorType.BF16 => 2,
        TensorType.I32 or TensorType.F32 => 4,
        _ => 8,
    };

    /// <summary>Maps a file.</summary>
    /// <exception cref="DecodingException">The file breaks a rule of the format.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static SafetensorsMap Open(string path)
    {
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1);
        try
        {
            return new SafetensorsMap(path, stream);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (pointer != null)
        {
            view!.SafeMemoryMappedViewHandle.ReleasePointer();
            pointer = null;
        }

        view?.Dispose();
        file?.Dispose();
    }

    private static (byte[] Header, long Start) ReadHeader(FileStream stream, string path)
    {
        var size = stream.Length;
        if (size < 8)
            throw new DecodingException($"{path}: not a safetensors file, it has only {size} bytes and the header's length alone takes 8.");
        Span<byte> prefix = stackalloc byte[8];
        stream.ReadExactly(prefix);
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > MostHeaderBytes)
            throw new DecodingException($"{path}: not a safetensors file, its header would have {length} bytes and the limit is {MostHeaderBytes}.");
        if ((long)length > size - 8)
            throw new DecodingException($"{path}: the file is cut short, its header has {length} bytes but only {size - 8} follow.");
        var header = new byte[length];
        stream.ReadExactly(header);
        return header.Length > 0 && header[0] == (byte)'{' ? (header, 8 + (long)length) : throw new DecodingException($"{path}: not a safetensors file, its header does not begin with '{{'.");
    }

    private static List<(string Name, TensorType Type, long[] Shape, long Begin, long End)> Parse(byte[] header, long length, string path, out Dictionary<string, string> metadata)
    {
        var entries = new List<(string Name, TensorType Type, long[] Shape, long Begin, long End)>();
        metadata = new(StringComparer.Ordinal);
        try
        {
            _ = new UTF8Encoding(false, throwOnInvalidBytes: true).GetCharCount(header);
            using var json = JsonDocument.Parse(header, new JsonDocumentOptions { MaxDepth = 8 });
            var names = new HashSet<string>(StringComparer.Ordinal);
            foreach (var property in json.RootElement.EnumerateObject())
            {
                if (!names.Add(property.Name))
                    throw new DecodingException($"{path}: the header names '{Shown(property.Name)}' twice.");
                if (names.Count > MostTensors)
                    throw new DecodingException($"{path}: the header names more than {MostTensors} tensors.");
                if (property.Name == "__metadata__")
                    foreach (var item in property.Value.EnumerateObject())
                        metadata[item.Name] = item.Value.GetString() ?? "";
                else
                    entries.Add(Entry(property, length, path));
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException or ArgumentException)
        {
            throw new DecodingException($"{path}: the header is not valid: {e.Message}", e);
        }

        long end = 0;
        foreach (var entry in entries.OrderBy(static e => e.Begin).ThenBy(static e => e.End))
        {
            if (entry.Begin != end)
                throw new DecodingException($"{path}: the data has {(entry.Begin > end ? "a hole" : "an overlap")} before tensor '{Shown(entry.Name)}' (byte {entry.Begin}, expected {end}).");
            end = entry.End;
        }

        return end == length ? entries : throw new DecodingException($"{path}: {length - end} bytes follow the last tensor and belong to none.");
    }

    private static (string Name, TensorType Type, long[] Shape, long Begin, long End) Entry(JsonProperty property, long length, string path)
    {
        var name = Shown(property.Name);
        var typeName = property.Value.GetProperty("dtype").GetString() ?? "";
        if (!Enum.IsDefined(typeof(TensorType), typeName))
            throw new DecodingException($"{path}: tensor '{name}' has the type '{Shown(typeName)}'; read are {string.Join(", ", Enum.GetNames<TensorType>())}.");
        var type = Enum.Parse<TensorType>(typeName);
        long[] shape = [.. property.Value.GetProperty("shape").EnumerateArray().Select(static e => e.GetInt64())];
        long[] offsets = [.. property.Value.GetProperty("data_offsets").EnumerateArray().Select(static e => e.GetInt64())];
        if (shape.Length > 16)
            throw new DecodingException($"{path}: tensor '{name}' has {shape.Length} extents.");
        if (offsets.Length != 2 || offsets[0] < 0 || offsets[1] < offsets[0] || offsets[1] > length)
            throw new DecodingException($"{path}: tensor '{name}' lies at [{string.Join(", ", offsets.Take(4))}], outside the {length} bytes of data (is the file cut short?).");
        long bytes = SizeOf(type);
        foreach (var extent in shape)
        {
            if (extent < 0 || (extent > 0 && bytes > long.MaxValue / extent))
                throw new DecodingException($"{path}: tensor '{name}' has the impossible shape [{string.Join(", ", shape)}].");
            bytes *= extent;
        }

        return bytes == offsets[1] - offsets[0]
            ? (property.Name, type, shape, offsets[0], offsets[1])
            : throw new DecodingException($"{path}: tensor '{name}' of {typeName} [{string.Join(", ", shape)}] needs {bytes} bytes but has {offsets[1] - offsets[0]}.");
    }

    // A hostile name may be as long as the header.
    private static string Shown(string name) => name.Length <= 100 ? name : name[..100] + "...";
}
