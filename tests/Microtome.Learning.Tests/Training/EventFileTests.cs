using System.Buffers.Binary;
using System.Text;
using Microtome.Learning.Training;

namespace Microtome.Learning.Tests.Training;

public sealed class EventFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("events 片 ").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("123456789", 0xE3069283u)]
    [InlineData("", 0u)]
    // RFC 3720, B.4: 32 bytes of zeros
    [InlineData("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 0x8A9136AAu)]
    public void Crc32C_OfKnownData_IsTheKnownSum(string data, uint sum) => Assert.Equal(sum, EventFile.Crc32C(Encoding.ASCII.GetBytes(data)));

    [Fact]
    public void Convert_OfARun_HoldsEveryNumberAsTensorBoardReadsIt()
    {
        string run = Directory.CreateDirectory(Path.Combine(folder, "run")).FullName;
        string metrics = Path.Combine(run, "metrics.jsonl");
        File.WriteAllText(Path.Combine(run, "config.json"), """{"objective":"causal","training":{"steps":300,"batch":10,"length":10}}""");
        File.WriteAllText(metrics, "{\"step\":100,\"loss\":2.5,\"tokens_per_s\":50}\n{\"step\":300,\"loss\":1.25,\"tokens_per_s\":100}\n{\"step\":300,\"held_out_loss\":NaN,\"active\":[0.5,0.25]}\ntorn {\n");
        var end = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(metrics, end);
        var place = Assert.Single(RunFolders.Find(folder));

        var (path, numbers) = EventFile.Convert(place, Path.Combine(folder, "out"));

        Assert.StartsWith("events.out.tfevents.", Path.GetFileName(path), StringComparison.Ordinal);
        var events = Read(File.ReadAllBytes(path));
        Assert.Equal("brain.Event:2", events[0].Version);
        double last = (end - DateTime.UnixEpoch).TotalSeconds;
        // 200 steps of 100 tokens at 100 a second before it.
        Assert.Equal([(last - 200, 100L), (last, 300L), (last, 300L)], events.Skip(1).Select(static e => (e.Time, e.Step)));
        Assert.Equal(
            [(100L, "loss", 2.5f), (100L, "tokens_per_s", 50f), (300L, "loss", 1.25f), (300L, "tokens_per_s", 100f), (300L, "active/1", 0.5f), (300L, "active/2", 0.25f)],
            events.SelectMany(static e => e.Values.Select(v => (e.Step, v.Tag, v.Value))));
        Assert.Equal(6, numbers);
        byte[] before = File.ReadAllBytes(path);
        Assert.Equal(path, EventFile.Convert(place, Path.Combine(folder, "out")).Path);
        Assert.Equal(before, File.ReadAllBytes(path));
    }

    // A reader of its own: records with their sums, then the messages field by field.
    private static List<(double Time, long Step, string Version, List<(string Tag, float Value)> Values)> Read(ReadOnlySpan<byte> file)
    {
        var events = new List<(double, long, string, List<(string, float)>)>();
        while (file.Length > 0)
        {
            int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(file);
            Assert.Equal(Masked(file[..8]), BinaryPrimitives.ReadUInt32LittleEndian(file[8..]));
            var data = file.Slice(12, length);
            Assert.Equal(Masked(data), BinaryPrimitives.ReadUInt32LittleEndian(file[(12 + length)..]));
            (double time, long step, string version, var values) = (0.0, 0L, string.Empty, new List<(string, float)>());
            foreach (var (field, bytes) in Fields(data))
            {
                if (field == 1)
                    time = BitConverter.ToDouble(bytes);
                else if (field == 2)
                    step = BitConverter.ToInt64(bytes);
                else if (field == 3)
                    version = Encoding.UTF8.GetString(bytes);
                else if (field == 5)
                    values.AddRange(Fields(bytes).Select(static v => Fields(v.Bytes)).Select(static v => (Encoding.UTF8.GetString(v[0].Bytes), BitConverter.ToSingle(v[1].Bytes))));
            }

            events.Add((time, step, version, values));
            file = file[(16 + length)..];
        }

        return events;
    }

    private static List<(int Field, byte[] Bytes)> Fields(ReadOnlySpan<byte> message)
    {
        var fields = new List<(int, byte[])>();
        int at = 0;
        while (at < message.Length)
        {
            ulong key = Varint(message, ref at);
            int length = (key & 7) switch { 0 => 0, 1 => 8, 5 => 4, 2 => (int)Varint(message, ref at), _ => throw new InvalidDataException() };
            fields.Add(((int)(key >> 3), (key & 7) == 0 ? BitConverter.GetBytes(Varint(message, ref at)) : message.Slice(at, length).ToArray()));
            at += length;
        }

        return fields;
    }

    private static ulong Varint(ReadOnlySpan<byte> message, ref int at)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte b = message[at++];
            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80)
                return value;
        }
    }

    // Bit by bit, with the reversed polynomial.
    private static uint Masked(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in data)
        {
            crc ^= b;
            for (int i = 0; i < 8; i++)
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82F63B78 : crc >> 1;
        }

        crc = ~crc;
        return ((crc >> 15) | (crc << 17)) + 0xa282ead8;
    }
}
