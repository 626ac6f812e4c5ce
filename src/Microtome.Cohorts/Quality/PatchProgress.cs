namespace Microtome.Cohorts;

/// <summary>How far a patch of the queue is.</summary>
public enum PatchProgress
{
    /// <summary>Chosen; its pictures are not there yet.</summary>
    Planned,

    /// <summary>Waits for a person.</summary>
    Ready,

    /// <summary>A mask drawn by hand is there.</summary>
    Segmented,
}
