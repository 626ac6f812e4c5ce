using Microtome.Imaging;
using Microtome.Learning;

namespace Microtome.Cohorts;

/// <summary>A patch against the mask drawn by hand.</summary>
/// <param name="Patch">The patch.</param>
/// <param name="Pixels">Counts over all pixels: Dice.</param>
/// <param name="Objects">Counts over the nuclei that the border rule leaves: AJI, F1, PQ, detection.</param>
public sealed record PatchScore(SampledPatch Patch, NucleusTally Pixels, NucleusTally Objects)
{
    /// <summary>Centres of the same nucleus are no farther apart, um.</summary>
    public const double DetectionMicrons = 3;

    /// <summary>Pixel Dice; 1 when both masks are empty.</summary>
    public double Dice => Pixels.Scores.Dice;

    /// <summary>Aggregated Jaccard index.</summary>
    public double Aji => Objects.Scores.Aji;

    /// <summary>Compares two masks of one patch.</summary>
    /// <exception cref="SlideException">Their sizes differ.</exception>
    public static PatchScore Of(SampledPatch patch, Raster<int> truth, Raster<int> predicted, PatchBorderRule rule)
    {
        if (truth.Width != predicted.Width || truth.Height != predicted.Height)
            throw new SlideException($"Patch {patch.Id}: the mask drawn by hand has {truth.Width} x {truth.Height} pixels and ours {predicted.Width} x {predicted.Height}. Draw at the size of the picture.");
        double radius = DetectionMicrons / patch.Mpp;
        var all = NucleusMetrics.Count(truth, predicted, radius);
        if (rule == PatchBorderRule.Keep)
            return new PatchScore(patch, all, all);
        var (innerTruth, innerPredicted) = PatchBorder.WithoutCut(truth, predicted);
        return new PatchScore(patch, all, NucleusMetrics.Count(innerTruth, innerPredicted, radius));
    }
}
