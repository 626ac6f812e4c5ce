namespace Microtome.Decoding;

/// <summary>A model, a prompt or an option that decoding cannot work with; the message says which, why and what to do.</summary>
public sealed class DecodingException : Exception
{
    /// <summary>With the sentence for a person.</summary>
    public DecodingException(string message)
        : base(message)
    {
    }

    /// <summary>With its cause.</summary>
    public DecodingException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
