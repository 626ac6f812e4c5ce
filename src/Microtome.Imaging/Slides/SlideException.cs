namespace Microtome.Imaging;

/// <summary>A slide or image cannot be opened, read or measured. The message names the file, the reason and what to do.</summary>
public sealed class SlideException : Exception
{
    /// <summary>Makes the exception.</summary>
    public SlideException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception with its cause.</summary>
    public SlideException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
