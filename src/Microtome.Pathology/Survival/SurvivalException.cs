namespace Microtome.Pathology;

/// <summary>A cohort does not allow a model. The message says which covariate or number is to blame and what to do.</summary>
public sealed class SurvivalException : Exception
{
    /// <summary>Makes the exception.</summary>
    public SurvivalException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception with its cause.</summary>
    public SurvivalException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
