using Microtome.Imaging;
using Microtome.Learning.Supervision.Patches;

namespace Microtome.Learning.Supervision.Thresholds;

/// <summary>A labelled patch with a rim, read when it is needed: training sets are larger than memory.</summary>
/// <param name="Name">The file's name, or what else tells it from others.</param>
/// <param name="Open">Reads its pixels at the patch's resolution; the patch is the middle.</param>
/// <param name="Label">1 = positive, 0 = negative.</param>
/// <param name="Patient">The patient.</param>
/// <param name="Slide">The slide.</param>
/// <param name="Group">Cancer type.</param>
public sealed record SuperPatch(string Name, Func<RgbImage> Open, int Label, string Patient, string Slide, string Group)
{
    /// <summary>The patch without its rim, for evaluation.</summary>
    /// <param name="pixels">Side of the patch in pixels of the picture.</param>
    /// <exception cref="SlideException">The picture cannot be read or is smaller than the patch.</exception>
    public LabelledPatch Middle(int pixels)
    {
        var picture = Open();
        if (picture.Width < pixels || picture.Height < pixels)
            throw new SlideException($"{Name} has {picture.Width} x {picture.Height} px; a patch has {pixels}, and may have a rim around it.");
        var patch = new RgbImage(pixels, pixels);
        int left = (picture.Width - pixels) / 2, top = (picture.Height - pixels) / 2;
        for (var y = 0; y < pixels; y++)
            picture.Row(top + y).Slice(3 * left, 3 * pixels).CopyTo(patch.Row(y));
        return new LabelledPatch(patch, Label, Patient, Slide, Group);
    }
}
