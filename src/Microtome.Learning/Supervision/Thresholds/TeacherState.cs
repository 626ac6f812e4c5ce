namespace Microtome.Learning.Supervision.Thresholds;

/// <summary>What a teacher's map says of a patch.</summary>
public enum TeacherState : byte
{
    /// <summary>The map holds no patch there; that is not the same as no lymphocytes.</summary>
    Unknown,

    /// <summary>No tissue.</summary>
    Glass,

    /// <summary>Tissue without lymphocytes.</summary>
    Tissue,

    /// <summary>Tissue with lymphocytes.</summary>
    Til,
}
