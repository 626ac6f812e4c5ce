using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Microtome.Pathology;

/// <summary>
/// Tells whether an input is the one that a result was made from. Files up to 64 MiB are hashed whole; of larger ones the size and 64 evenly
/// spaced blocks of 64 KiB, the first and the last among them, so that a slide of gigabytes costs milliseconds. Dates do not count: a copied slide is the same slide.
/// </summary>
/// <param name="Bytes">Size of the file; 0 for a built-in slide.</param>
/// <param name="Value"><c>sha256:...</c> (the whole file), <c>sha256-64x64k:...</c> (the blocks) or <c>address:...</c> (a built-in slide).</param>
public sealed record InputFingerprint(long Bytes, string Value)
{
    private const long WholeUpTo = 64L << 20;
    private const int Blocks = 64;
    private const int BlockBytes = 64 << 10;

    /// <summary>Computes it. Formats of several files (MIRAX) are judged by the file that is named.</summary>
    public static InputFingerprint Of(string path)
    {
        if (!File.Exists(path))
            return new InputFingerprint(0, "address:" + path);
        using var file = File.OpenHandle(path);
        long length = RandomAccess.GetLength(file);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[length <= WholeUpTo ? 1 << 20 : BlockBytes];
        if (length <= WholeUpTo)
        {
            for (long at = 0; RandomAccess.Read(file, buffer, at) is var read and > 0; at += read)
                hash.AppendData(buffer.AsSpan(0, read));
            return new InputFingerprint(length, "sha256:" + Convert.ToHexStringLower(hash.GetHashAndReset()));
        }

        BinaryPrimitives.WriteInt64LittleEndian(buffer, length);
        hash.AppendData(buffer.AsSpan(0, 8));
        for (int i = 0; i < Blocks; i++)
        {
            int read = RandomAccess.Read(file, buffer, (length - BlockBytes) / (Blocks - 1) * i);
            hash.AppendData(buffer.AsSpan(0, read));
        }

        int tail = RandomAccess.Read(file, buffer, length - BlockBytes);
        hash.AppendData(buffer.AsSpan(0, tail));
        return new InputFingerprint(length, $"sha256-{Blocks}x64k:" + Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>SHA-256 of a file, lower-case hexadecimal.</summary>
    public static string Sha256(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    /// <summary>SHA-256 of a text, lower-case hexadecimal.</summary>
    public static string Sha256OfText(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
