namespace Microtome.Imaging;

/// <summary>An option or argument is wrong in itself, whatever the files hold (exit code 2). The message names the value, why it is wrong and what to do.</summary>
public sealed class UsageException : Exception
{
    /// <summary>Makes the exception.</summary>
    public UsageException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception with its cause.</summary>
    public UsageException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
