using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Microtome.Imaging;

namespace Microtome.Language;

/// <summary>Makes token files.</summary>
internal static class TokenFileWriter
{
    /// <summary>SHA-256 of all that decides what is written.</summary>
    public static string Hash(IReadOnlyList<string> texts, ITokenizer tokenizer, TokenFileOptions options, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{TokenFile.Version} {tokenizer.Fingerprint} {options.Documents} {options.Separator} {texts.Count}\n"));
        var buffer = new byte[1 << 20];
        Span<byte> length = stackalloc byte[8];
        foreach (var text in texts)
        {
            // Opens and checks as reading does, so that an error comes before any work.
            using (new Utf8LineReader(text))
            {
            }

            using var stream = new FileStream(text, FileMode.Open, FileAccess.Read, FileShare.Read, 1);
            BinaryPrimitives.WriteInt64LittleEndian(length, stream.Length);
            hash.AppendData(length);
            for (int read; (read = stream.Read(buffer)) > 0;)
            {
                cancellation.ThrowIfCancellationRequested();
                hash.AppendData(buffer, 0, read);
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Writes the file.</summary>
    public static void Write(string path, IReadOnlyList<string> texts, ITokenizer tokenizer, TokenFileOptions options, string hash, IProgress<long>? progress, CancellationToken cancellation)
    {
        var width = tokenizer.VocabularySize <= 1 << 16 ? 2 : 4;
        AtomicFile.Write(path, temporary =>
        {
            using var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 18);
            stream.Write(new byte[TokenFile.HeaderLength]);
            var documents = new List<long>();
            long tokens = 0, read = 0;
            var opened = false;
            foreach (var text in texts)
            {
                foreach (var (part, ends) in DocumentReader.Read(text, options.Documents))
                {
                    cancellation.ThrowIfCancellationRequested();
                    if (!opened)
                        documents.Add(tokens);
                    var ids = tokenizer.Encode(part).Ids;
                    Write(stream, ids, width);
                    tokens += ids.Length;
                    opened = !ends;
                    if (ends && options.Separator is { } separator)
                    {
                        Write(stream, [separator], width);
                        tokens++;
                    }

                    read += part.Length;
                    progress?.Report(read);
                }
            }

            if (documents.Count == 0)
                throw new TextException($"{string.Join(", ", texts.Take(3))}{(texts.Count > 3 ? ", ..." : string.Empty)}: nothing but white space. There is no text to learn from.");
            var header = new TokenFileHeader(width, tokens, documents.Count, tokenizer.VocabularySize, hash);
            stream.Write(new byte[header.DocumentsOffset - stream.Position]);
            documents.Add(tokens);
            stream.Write(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(documents)));
            stream.Position = 0;
            stream.Write(header.ToBytes());
        });
    }

    private static void Write(FileStream stream, ReadOnlySpan<int> ids, int width)
    {
        if (width == 4)
        {
            stream.Write(MemoryMarshal.AsBytes(ids));
            return;
        }

        var narrow = new ushort[ids.Length];
        for (var i = 0; i < ids.Length; i++)
            narrow[i] = (ushort)ids[i];
        stream.Write(MemoryMarshal.AsBytes(narrow.AsSpan()));
    }
}
