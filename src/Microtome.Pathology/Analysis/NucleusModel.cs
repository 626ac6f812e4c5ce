using Microtome.Learning;

namespace Microtome.Pathology;

/// <summary>A network for nuclei with what belongs to it.</summary>
/// <param name="Name">Its name in <c>models/</c>.</param>
/// <param name="Sha256">Hash of its weights.</param>
/// <param name="Mpp">The pixel size that it wants, um per pixel.</param>
/// <param name="Postprocessing">How its maps become nuclei.</param>
/// <param name="Precision">The arithmetic: float32 or int8.</param>
/// <param name="Flips">Mirrored and turned copies of a window whose predictions are averaged.</param>
/// <param name="CreateNetwork">Loads the weights; called once a run, only when nuclei are to be found.</param>
public sealed record NucleusModel(string Name, string Sha256, double Mpp, NucleusPostprocessingOptions Postprocessing, NetworkPrecision Precision, int Flips, Func<ITileNetwork> CreateNetwork);
