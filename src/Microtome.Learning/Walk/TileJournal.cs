using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Microtome.Learning;

/// <summary>
/// The results of the tiles done so far, in the order of the tiles, so that a walk that was killed goes on where it was.
/// Layout: 8 bytes <c>MTJRNL01</c>; SHA-256 of the key (32 bytes); then records: tile index (int32), length (int32), payload, the first 16 bytes of the
/// SHA-256 of all these. Little endian. A record counts only when it is whole, its checksum holds and its index is the next one; what follows
/// the last such record (a torn tail) is cut off when the journal is opened. Records reach the operating system one by one, so a killed process loses at
/// most the record it was writing; after a power cut the checksums decide.
/// </summary>
public sealed class TileJournal : IDisposable
{
    private const int HeaderBytes = 40;
    private const int ChecksumBytes = 16;
    private const int MostBytes = 1 << 30;
    private readonly FileStream stream;

    private TileJournal(FileStream stream, int count)
    {
        this.stream = stream;
        Count = count;
    }

    /// <summary>Records in the journal; the walk goes on with the tile of this index.</summary>
    public int Count { get; private set; }

    /// <summary>Opens or begins a journal. One with another key (options, model or input changed) is begun anew.</summary>
    /// <param name="path">The file.</param>
    /// <param name="key">Everything that the results depend on.</param>
    public static TileJournal Open(string path, string key)
    {
        byte[] header = new byte[HeaderBytes];
        "MTJRNL01"u8.CopyTo(header);
        SHA256.HashData(Encoding.UTF8.GetBytes(key), header.AsSpan(8));
        var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, 1 << 16);
        try
        {
            byte[] found = new byte[HeaderBytes];
            if (file.ReadAtLeast(found, HeaderBytes, throwOnEndOfStream: false) < HeaderBytes || !found.AsSpan().SequenceEqual(header))
            {
                file.SetLength(0);
                file.Position = 0;
                file.Write(header);
                file.Flush();
                return new TileJournal(file, 0);
            }

            int count = 0;
            long good = HeaderBytes;
            while (Next(file, count) is not null)
            {
                count++;
                good = file.Position;
            }

            file.SetLength(good);
            file.Position = good;
            return new TileJournal(file, count);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The payloads from the first tile on.</summary>
    public IEnumerable<byte[]> Read()
    {
        stream.Flush();
        using var reader = new FileStream(stream.Name, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1 << 16);
        reader.Position = HeaderBytes;
        for (int i = 0; i < Count; i++)
            yield return Next(reader, i) ?? throw new InvalidDataException($"{stream.Name} changed while it was read. Delete it and run again.");
    }

    /// <summary>Appends the result of the next tile.</summary>
    public void Append(ReadOnlySpan<byte> payload)
    {
        byte[] record = GC.AllocateUninitializedArray<byte>(8 + payload.Length + ChecksumBytes);
        BinaryPrimitives.WriteInt32LittleEndian(record, Count);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(4), payload.Length);
        payload.CopyTo(record.AsSpan(8));
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(record.AsSpan(0, 8 + payload.Length), hash);
        hash[..ChecksumBytes].CopyTo(record.AsSpan(8 + payload.Length));
        stream.Write(record);
        stream.Flush();
        Count++;
    }

    /// <inheritdoc/>
    public void Dispose() => stream.Dispose();

    private static byte[]? Next(FileStream from, int index)
    {
        byte[] head = new byte[8];
        if (from.ReadAtLeast(head, 8, throwOnEndOfStream: false) < 8 || BinaryPrimitives.ReadInt32LittleEndian(head) != index)
            return null;
        int length = BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(4));
        if (length < 0 || length > MostBytes || length > from.Length - from.Position - ChecksumBytes)
            return null;
        byte[] payload = GC.AllocateUninitializedArray<byte>(length);
        Span<byte> checksum = stackalloc byte[ChecksumBytes];
        from.ReadExactly(payload);
        from.ReadExactly(checksum);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(head);
        hash.AppendData(payload);
        Span<byte> truth = stackalloc byte[32];
        hash.GetHashAndReset(truth);
        return truth[..ChecksumBytes].SequenceEqual(checksum) ? payload : null;
    }
}
