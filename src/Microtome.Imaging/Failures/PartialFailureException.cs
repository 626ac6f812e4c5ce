namespace Microtome.Imaging;

/// <summary>Some of many inputs failed; the results of the others are complete (exit code 4). The message counts them; each was reported when it happened.</summary>
public sealed class PartialFailureException : Exception
{
    /// <summary>Makes the exception.</summary>
    public PartialFailureException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception with its cause.</summary>
    public PartialFailureException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
