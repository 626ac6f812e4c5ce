namespace Microtome.Pathology;

/// <summary>Another run is writing into a folder of results; the message says which.</summary>
public sealed class FolderBusyException : IOException
{
    /// <summary>Makes one.</summary>
    public FolderBusyException(string message)
        : base(message)
    {
    }
}
