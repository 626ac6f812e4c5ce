namespace Microtome.Learning.Supervision.Thresholds;

/// <summary>
/// The two sliders that a person set for a group of slides (til-thresholds, section 3.1). They run in opposite directions: the lymphocyte slider is one minus the cut, the
/// necrosis slider is the cut.
/// </summary>
/// <param name="Lymphocytes">The lymphocyte slider, 0..1; a higher one finds more lymphocytes.</param>
/// <param name="Necrosis">The necrosis slider, 0..1; a higher one finds less necrosis.</param>
public sealed record TeacherThresholds(double Lymphocytes, double Necrosis)
{
    /// <summary>What holds for slides that no table lists: 0.775 for both.</summary>
    public static TeacherThresholds Standard { get; } = new(0.775, 0.775);

    /// <summary>Lymphocytes from this smoothed probability on.</summary>
    public double LymphocyteCut => 1 - Lymphocytes;

    /// <summary>Necrosis from this smoothed probability on.</summary>
    public double NecrosisCut => Necrosis;
}
