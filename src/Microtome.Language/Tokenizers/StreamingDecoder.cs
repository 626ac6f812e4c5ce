using System.Text;

namespace Microtome.Language;

/// <summary>Decodes tokens one by one. What it returns, put together, is what <see cref="ITokenizer.Decode"/> gives for all; a character whose bytes are not complete yet is held back.</summary>
public sealed class StreamingDecoder
{
    private readonly TokenSurfaces surfaces;
    private readonly Func<int, bool> skip;
    private readonly Decoder utf8 = Encoding.UTF8.GetDecoder();
    private bool first = true;

    internal StreamingDecoder(TokenSurfaces surfaces, Func<int, bool> skip)
    {
        this.surfaces = surfaces;
        this.skip = skip;
    }

    /// <summary>Takes a token and returns the text that is complete now; often it is empty.</summary>
    /// <exception cref="TextException">The id is outside the vocabulary.</exception>
    public string Next(int id)
    {
        if (skip(id))
            return string.Empty;
        var bytes = surfaces.Bytes(id, first);
        first = false;
        return Convert(bytes, flush: false);
    }

    /// <summary>Ends the text: what was held back comes out as U+FFFD.</summary>
    public string Finish()
    {
        first = true;
        return Convert([], flush: true);
    }

    private string Convert(ReadOnlySpan<byte> bytes, bool flush)
    {
        Span<char> small = stackalloc char[256];
        var length = utf8.GetCharCount(bytes, flush);
        var chars = length <= small.Length ? small : new char[length];
        return new string(chars[..utf8.GetChars(bytes, chars, flush)]);
    }
}
