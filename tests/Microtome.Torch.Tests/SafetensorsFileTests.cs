using System.Buffers.Binary;
using System.Text;
using static Microtome.Torch.torch;

namespace Microtome.Torch.Tests;

/// <summary>Files of PyTorch read here, ours read back, and files that try to harm.</summary>
public sealed class SafetensorsFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("microtome-safetensors-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string PathOf(string name) => Path.Combine(folder, name);

    [Fact]
    public void Load_FileOfPyTorch_HasTypesShapesBytesAndMetadata()
    {
        var recorded = new FixtureFile("dtypes.safetensors");
        using var file = Safetensors.Load(FixtureFile.PathOf("dtypes.safetensors"));
        Assert.Equal(recorded.Names.Order(StringComparer.Ordinal), file.Tensors.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("\u96ea \"quoted\"", file.Metadata["snow"]);
        ScalarType[] types = [float16, bfloat16, float32, float64, int8, int16, int32, int64, uint8, @bool];
        string[] names = ["f16", "bf16", "f32", "f64", "i8", "i16", "i32", "i64", "u8", "bool"];
        Assert.Equal(types, names.Select(n => file.Tensors[n].dtype));
        Assert.All(recorded.Names, n => Assert.Equal(recorded.Bytes(n), file.Tensors[n].ToBytes()));
        Assert.Empty(file.Tensors["scalar"].shape);
        Assert.Equal([0L, 3], file.Tensors["empty"].shape);
        Assert.Equal(2.5f, file.Tensors["scalar"].item<float>());
    }

    [Fact]
    public void Save_AllTypes_IsReadByTheShortReaderAndByItself()
    {
        var path = PathOf("all.safetensors");
        using var original = Safetensors.Load(FixtureFile.PathOf("dtypes.safetensors"));
        Safetensors.Save(path, original.Tensors, original.Metadata);
        using var again = Safetensors.Load(path);
        Assert.Equal(original.Metadata, again.Metadata);
        var read = new FixtureFile(path);
        Assert.Equal(original.Tensors.Keys.Order(StringComparer.Ordinal), read.Names.Order(StringComparer.Ordinal));
        Assert.All(read.Names, n => Assert.Equal(original.Tensors[n].ToBytes(), read.Bytes(n)));
        Assert.All(original.Tensors, t => Assert.Equal((t.Value.dtype, string.Join(',', t.Value.shape), Convert.ToHexString(t.Value.ToBytes())),
            (again.Tensors[t.Key].dtype, string.Join(',', again.Tensors[t.Key].shape), Convert.ToHexString(again.Tensors[t.Key].ToBytes()))));
        Assert.Equal(0ul, BinaryPrimitives.ReadUInt64LittleEndian(File.ReadAllBytes(path)) % 8);
        Assert.Equal([path], Directory.GetFiles(folder));
    }

    [Fact]
    public void Save_StridedAndChannelsLast_WritesTheOrderOfTheShape()
    {
        using var scope = NewDisposeScope();
        var path = PathOf("strided.safetensors");
        var plain = arange(0, 120, 1, float32).reshape(2, 3, 4, 5);
        Safetensors.Save(path, new Dictionary<string, Tensor>(StringComparer.Ordinal)
        {
            ["last"] = plain.contiguous(MemoryFormat.ChannelsLast),
            ["turned"] = plain.permute(3, 1, 0, 2),
        });
        using var file = Safetensors.Load(path);
        Assert.Equal(plain.ToBytes(), file.Tensors["last"].ToBytes());
        Assert.Equal([5L, 3, 2, 4], file.Tensors["turned"].shape);
        Assert.Equal(plain.permute(3, 1, 0, 2).contiguous().ToBytes(), file.Tensors["turned"].ToBytes());
    }

    private const string Good = """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[4],"data_offsets":[8,12]}}""";

    [Fact]
    public void Load_GoodHeader_IsAccepted()
    {
        using var file = Safetensors.Load(Write(Good, 12));
        Assert.Equal(2, file.Tensors.Count);
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[4],"data_offsets":[6,10]}}""", 10, "overlap")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", 8, "overlap")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[4],"data_offsets":[9,13]}}""", 13, "hole")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12, "hole")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 9, "belong to none")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 7, "cut short")]
    [InlineData("""{"a":{"dtype":"F33","shape":[2],"data_offsets":[0,8]}}""", 8, "F33")]
    [InlineData("""{"a":{"dtype":"F64","shape":[2],"data_offsets":[0,8]}}""", 8, "needs 16 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, "needs 12 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", 8, "impossible shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}""", 0, "impossible shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8]}}""", 8, "not valid")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8, "lies at")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}""", 8, "lies at")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}""", 8, "lies at")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8, "twice")]
    [InlineData("""{"a":{"shape":[2],"data_offsets":[0,8]}}""", 8, "not valid")]
    [InlineData("""{"a":"F32"}""", 0, "not valid")]
    [InlineData("""{"a":{"dtype":"F32","shape":"2","data_offsets":[0,8]}}""", 8, "not valid")]
    [InlineData("""{"__metadata__":{"k":7}}""", 0, "not valid")]
    [InlineData("""{"a":[[[[[[[[[[[[]]]]]]]]]]]]}""", 0, "not valid")]
    [InlineData("""{"a":""", 0, "not valid")]
    [InlineData("""[1,2]""", 0, "does not begin with")]
    [InlineData("", 0, "does not begin with")]
    public void Load_BadHeader_IsRefusedWithTheReason(string header, int data, string reason)
    {
        var error = Assert.Throws<SafetensorsException>(() => Safetensors.Load(Write(header, data)));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Contains("bad.safetensors", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ulong.MaxValue, "limit")]
    [InlineData(100_000_001ul, "limit")]
    [InlineData(9_000_000ul, "cut short")]
    public void Load_HugeHeaderLength_IsRefusedBeforeAnythingIsAllocated(ulong length, string reason)
    {
        var bytes = new byte[100];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
        File.WriteAllBytes(PathOf("bad.safetensors"), bytes);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains(reason, Assert.Throws<SafetensorsException>(() => Safetensors.Load(PathOf("bad.safetensors"))).Message, StringComparison.Ordinal);
        // the stream's own buffer is 1 MiB
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 3_000_000);
    }

    [Fact]
    public void Load_CutAtEveryLength_IsRefused()
    {
        var bytes = File.ReadAllBytes(Write(Good, 12));
        for (var length = 0; length < bytes.Length; length++)
        {
            File.WriteAllBytes(PathOf("bad.safetensors"), bytes[..length]);
            Assert.Throws<SafetensorsException>(() => Safetensors.Load(PathOf("bad.safetensors")));
        }
    }

    /// <summary>Whatever byte is flipped, either the file is still whole or the refusal is the documented one, and no tensor is left.</summary>
    [Fact]
    public void Load_OneByteChanged_NeverFailsInAnotherWay()
    {
        var bytes = File.ReadAllBytes(FixtureFile.PathOf("dtypes.safetensors"));
        var random = new Random(4);
        var before = LiveTensors.Settled();
        for (var i = 0; i < 400; i++)
        {
            var changed = (byte[])bytes.Clone();
            changed[random.Next(800)] = (byte)random.Next(256);
            File.WriteAllBytes(PathOf("bad.safetensors"), changed);
            try
            {
                Safetensors.Load(PathOf("bad.safetensors")).Dispose();
            }
            catch (SafetensorsException)
            {
                // the documented refusal
            }
        }
        Assert.Equal(before, LiveTensors.Settled());
    }

    private string Write(string header, int data)
    {
        var text = Encoding.UTF8.GetBytes(header);
        var bytes = new byte[8 + text.Length + data];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)text.Length);
        text.CopyTo(bytes, 8);
        File.WriteAllBytes(PathOf("bad.safetensors"), bytes);
        return PathOf("bad.safetensors");
    }
}
