namespace Microtome.Learning.Supervision.Thresholds;

/// <summary>Which labels are trained from (til-thresholds, section 3.3).</summary>
public enum TrainingSetKind
{
    /// <summary>The pathologists' labels only.</summary>
    Manual,

    /// <summary>The teacher maps' labels only.</summary>
    Semi,

    /// <summary>Both, of every group.</summary>
    All,

    /// <summary>The pathologists' labels for the groups that have them, the teacher maps' for the others.</summary>
    Mix,
}
