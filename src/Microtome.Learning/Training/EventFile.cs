using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;
using Microtome.Imaging;

namespace Microtome.Learning.Training;

/// <summary>
/// Writes numbers of a training run as TensorBoard reads them: records of TFRecord (tensorflow/core/lib/io/record_writer.h), each the message Event (tensorflow/core/util/event.proto) in the wire
/// format of Protocol Buffers, of which five fields are needed.
/// </summary>
public static class EventFile
{
    /// <summary>Writes the metrics of a run into one file of a folder; the same metrics give the same file.</summary>
    /// <param name="run">The run.</param>
    /// <param name="folder">Where the file shall lie; it is made.</param>
    /// <returns>The file and the numbers in it.</returns>
    /// <exception cref="IOException">Metrics cannot be read or the file cannot be written.</exception>
    public static (string Path, int Numbers) Convert(RunFolder run, string folder)
    {
        var lines = TrainingMetrics.Read(run.Metrics).ToList();
        double[] times = Times(lines, RunSettings.ReadFolder(run.Folder), (File.GetLastWriteTimeUtc(run.Metrics) - DateTime.UnixEpoch).TotalSeconds);
        int numbers = 0;
        // TensorBoard knows its files by this name; the first time orders several.
        string path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"events.out.tfevents.{(long)(times.Length > 0 ? times[0] : 0):D10}.microtome"));
        AtomicFile.Write(path, temporary =>
        {
            using var file = File.Create(temporary);
            WriteRecord(file, [.. Double(1, times.Length > 0 ? times[0] : 0), .. Bytes(3, "brain.Event:2"u8)]);
            foreach (var ((step, values), time) in lines.Zip(times))
            {
                if (values.Count == 0)
                    continue;
                numbers += values.Count;
                byte[] summary = [.. values.SelectMany(static v => Bytes(1, [.. Bytes(1, Encoding.UTF8.GetBytes(v.Key.Replace(' ', '/'))), .. Single(2, (float)v.Value)]))];
                WriteRecord(file, [.. Double(1, time), .. Varint((2 << 3) | 0), .. Varint((ulong)step), .. Bytes(5, summary)]);
            }
        });
        return (path, numbers);
    }

    /// <summary>The check sum of TFRecord: CRC-32C, turned and shifted so that sums of data with sums in it differ.</summary>
    public static uint MaskedCrc(ReadOnlySpan<byte> data)
    {
        uint crc = Crc32C(data);
        return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
    }

    /// <summary>CRC-32C (Castagnoli), as of RFC 3720, B.4.</summary>
    public static uint Crc32C(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        for (; data.Length >= sizeof(ulong); data = data[sizeof(ulong)..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
        foreach (byte b in data)
            crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }

    // Nobody noted when a line was written, but the file's time is that of the last, and lines say how long steps took. Where they do not, a step is a second.
    private static double[] Times(List<(long Step, IReadOnlyList<KeyValuePair<string, double>> Values)> lines, RunSettings settings, double end)
    {
        double[] times = new double[lines.Count];
        double at = end, seconds = 1;
        for (int i = lines.Count - 1; i >= 0; i--)
        {
            times[i] = at;
            seconds = settings.SecondsPerStep(lines[i].Values) ?? seconds;
            at -= seconds * Math.Max(0, lines[i].Step - (i > 0 ? lines[i - 1].Step : 0));
        }

        return times;
    }

    private static void WriteRecord(FileStream file, byte[] data)
    {
        Span<byte> length = stackalloc byte[8], sum = stackalloc byte[4];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)data.Length);
        file.Write(length);
        BinaryPrimitives.WriteUInt32LittleEndian(sum, MaskedCrc(length));
        file.Write(sum);
        file.Write(data);
        BinaryPrimitives.WriteUInt32LittleEndian(sum, MaskedCrc(data));
        file.Write(sum);
    }

    // Wire types of Protocol Buffers: 0 varint, 1 eight bytes, 2 length and bytes, 5 four bytes.
    private static byte[] Varint(ulong value)
    {
        var bytes = new List<byte>(10);
        for (; value >= 0x80; value >>= 7)
            bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        return [.. bytes];
    }

    private static byte[] Bytes(uint field, ReadOnlySpan<byte> value) => [.. Varint((field << 3) | 2), .. Varint((ulong)value.Length), .. value];

    private static byte[] Double(uint field, double value)
    {
        byte[] bytes = new byte[9];
        bytes[0] = (byte)((field << 3) | 1);
        BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(1), value);
        return bytes;
    }

    private static byte[] Single(uint field, float value)
    {
        byte[] bytes = new byte[5];
        bytes[0] = (byte)((field << 3) | 5);
        BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(1), value);
        return bytes;
    }
}
