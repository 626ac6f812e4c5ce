namespace Microtome.Learning.Training;

/// <summary>How the learning rate goes over a run.</summary>
public enum LearningRateSchedule
{
    /// <summary>A linear rise, then a half cosine to zero.</summary>
    Cosine,

    /// <summary>Always the same.</summary>
    Constant,

    /// <summary>Constant between given steps.</summary>
    Stairs,
}
