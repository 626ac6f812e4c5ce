using System.Text.Json.Nodes;
using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>The tissue of a slide as the later steps use it.</summary>
/// <param name="Mask">Read from tissue.geojson.</param>
/// <param name="OutlineSha256">Hash of that file.</param>
/// <param name="Edited">Whether a person edited it.</param>
/// <param name="Details">What the step noted.</param>
internal sealed record TissueResult(TissueMask Mask, string OutlineSha256, bool Edited, JsonObject Details);
