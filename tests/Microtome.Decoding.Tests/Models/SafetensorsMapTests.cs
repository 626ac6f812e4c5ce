using System.Buffers.Binary;
using System.Text;

namespace Microtome.Decoding.Tests;

/// <summary>Files that break a rule of the format, and files that were changed at random.</summary>
public sealed class SafetensorsMapTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("microtome-decoding-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8, null)]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"I8","shape":[0],"data_offsets":[8,8]}}""", 8, null)]
    [InlineData("""{}""", 0, null)]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 7, "cut short")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 9, "belong to none")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12, "overlap")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[12,16]}}""", 16, "hole")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}""", 8, "outside")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8, "outside")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", 8, "impossible shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}}""", 8, "impossible shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, "needs 12 bytes")]
    [InlineData("""{"a":{"dtype":"Q4","shape":[2],"data_offsets":[0,8]}}""", 8, "type 'Q4'")]
    [InlineData("""{"a":{"dtype":"0","shape":[8],"data_offsets":[0,8]}}""", 8, "type '0'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[0],"data_offsets":[8,8]}}""", 8, "twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}""", 8, "not valid")]
    [InlineData("""{"a":{"dtype":"F32","shape":"x","data_offsets":[0,8]}}""", 8, "not valid")]
    [InlineData("""{"a":{"dtype":"F32","data_offsets":[0,8]}}""", 8, "not valid")]
    [InlineData("""{"a":17}""", 0, "not valid")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,9]}}""", 8, "outside")]
    [InlineData("""{"a":""", 8, "not valid")]
    [InlineData("""[1]""", 0, "does not begin")]
    public void Open_Header_IsReadOrRefusedWithItsReason(string header, int data, string? reason)
    {
        var path = Write(header, data);
        if (reason is null)
        {
            using var map = SafetensorsMap.Open(path);
            Assert.All(map.Tensors.Values, static t => Assert.True(t.Bytes >= 0));
            return;
        }

        Assert.Contains(reason, Assert.Throws<DecodingException>(() => SafetensorsMap.Open(path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(8)]
    public void Open_ShortFile_IsRefused(int bytes)
    {
        var path = Path.Combine(folder, "short.safetensors");
        File.WriteAllBytes(path, new byte[bytes]);
        Assert.Throws<DecodingException>(() => SafetensorsMap.Open(path));
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 63)]
    [InlineData(100_000_001UL)]
    [InlineData(1000UL)]
    public void Open_HugeHeader_IsRefusedBeforeItIsTaken(ulong length)
    {
        var path = Path.Combine(folder, "huge.safetensors");
        var bytes = new byte[100];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
        File.WriteAllBytes(path, bytes);
        var before = GC.GetTotalAllocatedBytes();
        Assert.Throws<DecodingException>(() => SafetensorsMap.Open(path));
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 10_000_000);
    }

    [Fact]
    public void Open_RandomChanges_AreReadWithinTheFileOrRefused()
    {
        var original = File.ReadAllBytes(Path.Combine(Fixture.FolderOf("llama-gelu"), "model.safetensors"));
        var header = (int)BinaryPrimitives.ReadUInt64LittleEndian(original);
        var random = new Random(14);
        var path = Path.Combine(folder, "model.safetensors");
        File.Copy(Path.Combine(Fixture.FolderOf("llama-gelu"), "config.json"), Path.Combine(folder, "config.json"));
        int read = 0, refused = 0;
        for (var round = 0; round < 1500; round++)
        {
            var bytes = (byte[])original.Clone();
            switch (random.Next(4))
            {
                case 0:
                    bytes = bytes[..random.Next(bytes.Length)];
                    break;
                case 1:
                    for (var i = 0; i < 1 + random.Next(3); i++)
                        bytes[random.Next(8 + header)] = (byte)random.Next(256);
                    break;
                case 2:
                    // A digit for a digit: the JSON stays valid.
                    for (var i = 0; i < 200; i++)
                    {
                        var at = random.Next(8, 8 + header);
                        if (bytes[at] is >= (byte)'0' and <= (byte)'9')
                        {
                            bytes[at] = (byte)('0' + random.Next(10));
                            break;
                        }
                    }

                    break;
                default:
                    bytes = [.. bytes, .. new byte[random.Next(1, 9)]];
                    break;
            }

            File.WriteAllBytes(path, bytes);
            try
            {
                using var model = DecoderModel.Open(folder, new DecoderModelOptions { Copy = true, Threads = 1 });
                read++;
            }
            catch (DecodingException)
            {
                refused++;
            }
        }

        Assert.True(refused > 1000, $"{refused} refused, {read} read");
    }

    [Fact]
    public void Open_TwiceAtATime_SharesTheFile()
    {
        using var first = DecoderModel.Open(Fixture.FolderOf("gemma2"));
        using var second = DecoderModel.Open(Fixture.FolderOf("gemma2"));
        using var decoder = new Decoder(second);
        decoder.Append(0, [1, 2]);
    }

    private string Write(string header, int data)
    {
        var text = Encoding.UTF8.GetBytes(header);
        var bytes = new byte[8 + text.Length + data];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)text.Length);
        text.CopyTo(bytes, 8);
        var path = Path.Combine(folder, Guid.NewGuid().ToString("N"));
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
