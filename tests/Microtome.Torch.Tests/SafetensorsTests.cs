using System.Buffers.Binary;
using System.Text;
using static Microtome.Torch.torch;

namespace Microtome.Torch.Tests;

public sealed class SafetensorsTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("microtome-").FullName;
    private string FilePath => Path.Combine(folder, "weights.safetensors");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private void Write(string header, int data, long? length = null)
    {
        var bytes = Encoding.UTF8.GetBytes(header);
        var file = new byte[8 + bytes.Length + data];
        BinaryPrimitives.WriteInt64LittleEndian(file, length ?? bytes.Length);
        bytes.CopyTo(file, 8);
        for (var i = 0; i < data; i++)
            file[8 + bytes.Length + i] = (byte)i;
        File.WriteAllBytes(FilePath, file);
    }

    [Fact]
    public void EveryType_SavedAndLoaded_IsTheSame()
    {
        using var scope = NewDisposeScope();
        var source = new Dictionary<string, Tensor>
        {
            ["f32"] = randn(2, 3, 4),
            ["f16"] = randn(3).to(float16),
            ["bf16"] = randn(3).to(bfloat16),
            ["f64"] = randn(1).to(float64),
            ["i64"] = tensor([long.MinValue, 7]),
            ["i32"] = tensor([int.MinValue, 7]),
            ["i16"] = tensor([short.MinValue, (short)7]),
            ["u8"] = tensor([(byte)255, (byte)7]),
            ["bool"] = tensor([true, false, true]),
            ["scalar"] = tensor(2.5f),
            ["empty"] = zeros(0, 5),
            ["channels last"] = randn(2, 3, 4, 5).contiguous(channels_last),
        };
        Safetensors.Save(FilePath, source, new Dictionary<string, string> { ["name"] = "细胞核 \"x\"" });
        using var file = Safetensors.Load(FilePath);
        Assert.Equal(source.Keys.Order(), file.Tensors.Keys.Order());
        foreach (var (name, value) in source)
        {
            Assert.Equal(value.dtype, file.Tensors[name].dtype);
            Assert.Equal(value.shape, file.Tensors[name].shape);
            Assert.Equal(value.ToBytes(), file.Tensors[name].ToBytes());
        }
        Assert.Equal("细胞核 \"x\"", file.Metadata["name"]);
        Assert.Equal([Path.GetFileName(FilePath)], Directory.GetFiles(folder).Select(Path.GetFileName));
    }

    [Fact]
    public void Save_Twice_WritesTheSameBytes()
    {
        using var scope = NewDisposeScope();
        var (a, b) = (randn(3), randn(2).to(float64));
        Safetensors.Save(FilePath, new Dictionary<string, Tensor> { ["a"] = a, ["b"] = b });
        var first = File.ReadAllBytes(FilePath);
        Safetensors.Save(FilePath, new Dictionary<string, Tensor> { ["b"] = b, ["a"] = a });
        Assert.Equal(first, File.ReadAllBytes(FilePath));
        Assert.Equal(0, BinaryPrimitives.ReadInt64LittleEndian(first) % 8);
    }

    [Fact]
    public void Load_OfAHandMadeFile_GivesItsElements()
    {
        Write("""{"x":{"dtype":"U8","shape":[2,2],"data_offsets":[0,4]}}""", 4);
        using var file = Safetensors.Load(FilePath);
        Assert.Equal([0, 1, 2, 3], file.Tensors["x"].data<byte>().ToArray());
    }

    [Theory]
    [InlineData("""{"x":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", 3, "cut short")]
    [InlineData("""{"x":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", 5, "belong to none")]
    [InlineData("""{"x":{"dtype":"U8","shape":[5],"data_offsets":[0,4]}}""", 4, "needs 5 bytes but has 4")]
    [InlineData("""{"x":{"dtype":"F32","shape":[4],"data_offsets":[0,4]}}""", 4, "needs 16 bytes but has 4")]
    [InlineData("""{"x":{"dtype":"U8","shape":[-1],"data_offsets":[0,4]}}""", 4, "impossible shape")]
    [InlineData("""{"x":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,4]}}""", 4, "impossible shape")]
    [InlineData("""{"x":{"dtype":"Q9","shape":[4],"data_offsets":[0,4]}}""", 4, "type 'Q9'")]
    [InlineData("""{"x":{"dtype":"U8","shape":[4],"data_offsets":[4,0]}}""", 4, "lies at [4, 0]")]
    [InlineData("""{"x":{"dtype":"U8","shape":[4],"data_offsets":[-4,0]}}""", 4, "lies at [-4, 0]")]
    [InlineData("""{"x":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"y":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}""", 3, "overlap")]
    [InlineData("""{"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"y":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}""", 3, "hole")]
    [InlineData("""{"x":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"x":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}""", 2, "twice")]
    [InlineData("""{"x":{"shape":[2],"data_offsets":[0,2]}}""", 2, "not valid")]
    [InlineData("""{"x":7}""", 0, "not valid")]
    [InlineData("""{"x":{"dtype":"U8","shape":[1.5],"data_offsets":[0,1]}}""", 1, "not valid")]
    [InlineData("""{"x":""", 0, "not valid")]
    [InlineData("""[1]""", 0, "does not begin")]
    public void Load_OfABrokenFile_SaysWhatIsWrong(string header, int data, string reason)
    {
        var before = LiveTensors.Settled();
        Write(header, data);
        var error = Assert.Throws<SafetensorsException>(() => Safetensors.Load(FilePath));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Contains(FilePath, error.Message, StringComparison.Ordinal);
        Assert.Equal(before, LiveTensors.Settled());
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(-1)]
    [InlineData(100_000_001)]
    [InlineData(1000)]
    public void Load_WithAnAbsurdHeaderLength_AllocatesNothing(long length)
    {
        Write("{}", 0, length);
        Assert.Throws<SafetensorsException>(() => Safetensors.Load(FilePath));
    }

    [Fact]
    public void Load_OfFlippedBytes_NeverDoesMoreThanThrow()
    {
        Write("""{"x":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"y":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}""", 6);
        var good = File.ReadAllBytes(FilePath);
        var random = new Random(5);
        for (var i = 0; i < 500; i++)
        {
            var bad = good.ToArray();
            for (var k = random.Next(1, 4); k > 0; k--)
                bad[random.Next(bad.Length)] = (byte)random.Next(256);
            File.WriteAllBytes(FilePath, bad[..random.Next(bad.Length / 2, bad.Length + 1)]);
            try
            {
                Safetensors.Load(FilePath).Dispose();
            }
            catch (SafetensorsException)
            {
                // the only exception allowed
            }
        }
    }

    [Fact]
    public void Save_ThatFails_LeavesTheOldFileAndNoOther()
    {
        using var t = ones(2);
        Safetensors.Save(FilePath, new Dictionary<string, Tensor> { ["t"] = t });
        var old = File.ReadAllBytes(FilePath);
        t.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Safetensors.Save(FilePath, new Dictionary<string, Tensor> { ["t"] = t }));
        Assert.Equal(old, File.ReadAllBytes(FilePath));
        Assert.Single(Directory.GetFiles(folder));
    }
}
