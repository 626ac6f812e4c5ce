using System.Buffers.Binary;
using System.Text.Json;
using static Microtome.Torch.torch;

namespace Microtome.Torch.Tests;

/// <summary>
/// A safetensors file read the short way, on purpose not through the library: the recorded numbers must not depend on what they test.
/// </summary>
internal sealed class FixtureFile
{
    private readonly byte[] bytes;
    private readonly int start;
    private readonly JsonElement header;

    public FixtureFile(string name)
    {
        bytes = File.ReadAllBytes(PathOf(name));
        var length = checked((int)BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        start = 8 + length;
        header = JsonDocument.Parse(bytes.AsMemory(8, length)).RootElement;
    }

    public static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "Fixtures", name);

    public static JsonElement Manifest(string name) => JsonDocument.Parse(File.ReadAllBytes(PathOf(name))).RootElement;

    public IEnumerable<string> Names => header.EnumerateObject().Select(p => p.Name).Where(n => n != "__metadata__");

    public bool Has(string name) => header.TryGetProperty(name, out _);

    public byte[] Bytes(string name)
    {
        var offsets = header.GetProperty(name).GetProperty("data_offsets");
        return bytes[(start + offsets[0].GetInt32())..(start + offsets[1].GetInt32())];
    }

    public Tensor Read(string name)
    {
        if (!header.TryGetProperty(name, out var entry))
            throw new KeyNotFoundException($"The fixture has no tensor '{name}'.");
        var shape = entry.GetProperty("shape").EnumerateArray().Select(e => e.GetInt64()).ToArray();
        var data = Bytes(name);
        return entry.GetProperty("dtype").GetString() switch
        {
            "F32" => Make<float>(data, shape),
            "F64" => Make<double>(data, shape),
            "I64" => Make<long>(data, shape),
            "BOOL" => Make<bool>(data, shape),
            var other => throw new NotSupportedException(other),
        };
    }

    private static Tensor Make<T>(byte[] data, long[] shape)
        where T : unmanaged => tensor(System.Runtime.InteropServices.MemoryMarshal.Cast<byte, T>(data.AsSpan()), shape);
}
