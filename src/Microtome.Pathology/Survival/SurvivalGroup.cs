namespace Microtome.Pathology;

/// <summary>One group of a study.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Subjects">Subjects.</param>
/// <param name="Events">Events.</param>
/// <param name="Expected">Events if the groups did not differ.</param>
/// <param name="Curve">Its survival.</param>
public sealed record SurvivalGroup(string Name, int Subjects, int Events, double Expected, KaplanMeier Curve);
