using System.Buffers.Binary;

namespace Microtome.Language;

/// <summary>The first bytes of a token file.</summary>
internal sealed record TokenFileHeader(int Width, long Tokens, long Documents, int VocabularySize, string SourceHash)
{
    /// <summary>Where the table of documents begins.</summary>
    public long DocumentsOffset => (TokenFile.HeaderLength + (Tokens * Width) + 7) / 8 * 8;

    /// <summary>Bytes of the whole file.</summary>
    public long FileLength => DocumentsOffset + ((Documents + 1) * 8);

    /// <summary>Reads and checks it against the length of the file.</summary>
    public static TokenFileHeader Read(string path)
    {
        Span<byte> bytes = stackalloc byte[TokenFile.HeaderLength];
        using var stream = File.OpenRead(path);
        if (stream.Length < bytes.Length || stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length || !bytes.StartsWith(TokenFile.Magic))
            throw new TextException($"{path} is no token file of microtome.");
        var version = BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]);
        if (version != TokenFile.Version)
            throw new TextException($"{path} is a token file of version {version}; this program reads version {TokenFile.Version}. Delete the file; it is made again from the texts.");
        var header = new TokenFileHeader(
            BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[32..]),
            Convert.ToHexStringLower(bytes[40..72]));
        // Bounds first: the sum below must not overflow.
        if (header.Width is not (2 or 4) || header.VocabularySize < 1 || header.Tokens < 0 || header.Tokens > stream.Length || header.Documents < 0 || header.Documents > stream.Length || header.FileLength != stream.Length)
            throw new TextException($"{path} is damaged or cut off: its header and its length of {stream.Length} bytes disagree. Delete the file; it is made again from the texts.");
        return header;
    }

    public byte[] ToBytes()
    {
        var bytes = new byte[TokenFile.HeaderLength];
        TokenFile.Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), TokenFile.Version);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), Width);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), Tokens);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(24), Documents);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(32), VocabularySize);
        Convert.FromHexString(SourceHash).CopyTo(bytes, 40);
        return bytes;
    }
}
