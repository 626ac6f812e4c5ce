using Microtome.Imaging;

namespace Microtome.Learning.Supervision.Patches;

/// <summary>A patch with its label, for evaluation and for training from patches.</summary>
/// <param name="Image">The pixels at the patch's own resolution (for training from patches: with a rim).</param>
/// <param name="Label">1 = positive, 0 = negative.</param>
/// <param name="Patient">The patient; never in two splits.</param>
/// <param name="Slide">The slide.</param>
/// <param name="Group">Cancer type or another group that figures are given for; empty when there is none.</param>
public sealed record LabelledPatch(RgbImage Image, int Label, string Patient, string Slide, string Group);
