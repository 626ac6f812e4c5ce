namespace Microtome.Language;

/// <summary>A text, tokenizer or token file cannot be read or is wrong in itself. The message names the file and place, the reason and what to do.</summary>
public sealed class TextException : Exception
{
    /// <summary>Makes the exception.</summary>
    public TextException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception with its cause.</summary>
    public TextException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
