namespace Microtome.Pathology;

/// <summary>A patch that a person has judged.</summary>
/// <param name="Task">til or tumor.</param>
/// <param name="X">Left edge, level-0 pixels.</param>
/// <param name="Y">Upper edge, level-0 pixels.</param>
/// <param name="Width">Level-0 pixels.</param>
/// <param name="Height">Level-0 pixels.</param>
/// <param name="Class">One of the model's classes, or <see cref="PatchLabelFile.Unclear"/>.</param>
/// <param name="Positive">Whether that is the class that is mapped; null when unclear.</param>
/// <param name="Probability">What the network said of it then.</param>
/// <param name="LabelledUtc">When.</param>
public sealed record PatchLabel(string Task, double X, double Y, double Width, double Height, string Class, bool? Positive, double Probability, DateTime LabelledUtc);
