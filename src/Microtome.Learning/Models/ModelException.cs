namespace Microtome.Learning.Models;

/// <summary>A model cannot be found, opened or trusted. The message names it, the reason and what to do.</summary>
public sealed class ModelException : Exception
{
    /// <summary>Makes the exception.</summary>
    public ModelException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception with its cause.</summary>
    public ModelException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
