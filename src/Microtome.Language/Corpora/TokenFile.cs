using System.IO.MemoryMappedFiles;

namespace Microtome.Language;

/// <summary>
/// Token ids of a corpus in a memory-mapped file: documents one after another. The layout (little endian): 128 bytes of header (magic <c>mttokens</c>, version, bytes an id, tokens, documents, vocabulary
/// size, SHA-256 of the source), the ids (2 bytes for vocabularies up to 65,536, else 4), zeros up to a multiple of 8, then where each document begins and the number of tokens (8 bytes each).
/// Safe to read from several threads.
/// </summary>
public sealed unsafe class TokenFile : IDisposable
{
    internal const int HeaderLength = 128;
    internal const int Version = 1;
    private readonly MemoryMappedFile file;
    private readonly MemoryMappedViewAccessor view;
    private readonly byte* ids;
    private readonly long* documents;
    private readonly int width;

    private TokenFile(string path, MemoryMappedFile file, MemoryMappedViewAccessor view, byte* start, TokenFileHeader header)
    {
        Path = path;
        this.file = file;
        this.view = view;
        width = header.Width;
        Count = header.Tokens;
        Documents = header.Documents;
        VocabularySize = header.VocabularySize;
        SourceHash = header.SourceHash;
        ids = start + HeaderLength;
        documents = (long*)(start + header.DocumentsOffset);
    }

    internal static ReadOnlySpan<byte> Magic => "mttokens"u8;

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>How many tokens.</summary>
    public long Count { get; }

    /// <summary>How many documents.</summary>
    public long Documents { get; }

    /// <summary>All ids are below this.</summary>
    public int VocabularySize { get; }

    /// <summary>SHA-256 (hexadecimal) of the tokenizer, the options and the bytes of the texts.</summary>
    public string SourceHash { get; }

    /// <summary>Opens a token file.</summary>
    /// <exception cref="TextException">It is damaged, cut off or of another kind.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static TokenFile Open(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path}: there is no such file. Check the path.", path);
        var header = TokenFileHeader.Read(path);
        var mapped = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        var whole = mapped.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        byte* start = null;
        whole.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        var opened = new TokenFile(path, mapped, whole, start + whole.PointerOffset, header);
        try
        {
            opened.CheckDocuments();
        }
        catch
        {
            opened.Dispose();
            throw;
        }

        return opened;
    }

    /// <summary>Makes a token file from plain text files, streaming. A file that is there already and was made of the same texts by the same tokenizer and options is opened as it is.</summary>
    /// <param name="path">The file to write; it appears when it is complete.</param>
    /// <param name="texts">UTF-8 files, in order.</param>
    /// <param name="tokenizer">Makes the ids.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="progress">Told the bytes read so far.</param>
    /// <param name="cancellation">Stops it; nothing is left behind.</param>
    /// <exception cref="TextException">A text is empty or no UTF-8.</exception>
    public static TokenFile Build(string path, IReadOnlyList<string> texts, ITokenizer tokenizer, TokenFileOptions? options = null, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        options ??= new TokenFileOptions();
        if (texts.Count == 0)
            throw new ArgumentException("A corpus needs at least one text file.", nameof(texts));
        var hash = TokenFileWriter.Hash(texts, tokenizer, options, cancellation);
        if (File.Exists(path) && TryReuse(path, hash) is { } there)
            return there;
        TokenFileWriter.Write(path, texts, tokenizer, options, hash, progress, cancellation);
        return Open(path);
    }

    /// <summary>Where a document begins; for <see cref="Documents"/> it is <see cref="Count"/>.</summary>
    public long DocumentStart(long document)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((ulong)document, (ulong)Documents, nameof(document));
        return documents[document];
    }

    /// <summary>Copies tokens.</summary>
    /// <param name="start">The first token.</param>
    /// <param name="into">Takes as many as it holds.</param>
    /// <exception cref="TextException">An id is outside the vocabulary: the file is damaged.</exception>
    public void Read(long start, Span<int> into)
    {
        if (start < 0 || start + into.Length > Count)
            throw new ArgumentOutOfRangeException(nameof(start), start, $"{into.Length} tokens from {start} on: there are {Count}.");
        if (width == 2)
        {
            var source = new ReadOnlySpan<ushort>(ids + (start * 2), into.Length);
            for (var i = 0; i < into.Length; i++)
                into[i] = source[i];
        }
        else
        {
            new ReadOnlySpan<int>(ids + (start * 4), into.Length).CopyTo(into);
        }

        foreach (var id in into)
        {
            if ((uint)id >= (uint)VocabularySize)
                throw new TextException($"{Path} is damaged: near token {start} the id {id} stands, and the vocabulary has {VocabularySize}. Delete the file; it is made again from the texts.");
        }

        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        view.SafeMemoryMappedViewHandle.ReleasePointer();
        view.Dispose();
        file.Dispose();
    }

    private static TokenFile? TryReuse(string path, string hash)
    {
        try
        {
            var there = Open(path);
            if (string.Equals(there.SourceHash, hash, StringComparison.Ordinal))
                return there;
            there.Dispose();
        }
        catch (TextException)
        {
            // Damaged: it is made again.
        }

        return null;
    }

    private void CheckDocuments()
    {
        long before = 0;
        for (long i = 0; i <= Documents; i++)
        {
            if (documents[i] < before || documents[i] > Count || (i == 0 && documents[i] != 0) || (i == Documents && documents[i] != Count))
                throw new TextException($"{Path} is damaged: document {i} begins at token {documents[i]}. Delete the file; it is made again from the texts.");
            before = documents[i];
        }
    }
}
