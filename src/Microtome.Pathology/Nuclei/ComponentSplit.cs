using Microtome.Imaging;
using Microtome.Learning;
using Microtome.Learning.Supervision.InstanceMasks;

namespace Microtome.Pathology;

/// <summary>
/// Parts labels that are components of a binary mask, where touching nuclei may be one label, into convex-looking pieces: each label is flooded from the summits
/// of its own distance transform. A dumbbell becomes two; an ellipse stays one.
/// </summary>
public static class ComponentSplit
{
    // The distance transform as a byte map: an eighth of a pixel a step, up to 31 pixels.
    private const float StepsPerPixel = 8;

    // A waist must be 1.25 pixels narrower than the thinner of its two ends (radius), after smoothing by one pixel.
    private static readonly NucleusPostprocessingOptions Options = new()
    {
        DistanceSigma = 1,
        ForegroundWeight = 0,
        ContactWeight = 0,
        MarkerDynamics = 1.25 * StepsPerPixel / 255,
        MarkerMinimum = 0,
        MinMarkerArea = 1,
        MinArea = 1,
        MinProbability = 0,
        FillHoles = false,
    };

    /// <summary>Parts every label.</summary>
    /// <returns>New labels 1, 2, ...; the background stays as it was.</returns>
    public static Raster<int> Run(Raster<int> labels)
    {
        var result = new Raster<int>(labels.Width, labels.Height);
        var watershed = new NucleusWatershed(Options);
        var next = 0;
        foreach (var (label, (x0, y0, x1, y1)) in LabelBoxes.Of(labels))
        {
            // One pixel of background around, so that the border of the label is a border of the mask.
            var mask = new Raster<byte>(x1 - x0 + 3, y1 - y0 + 3);
            for (var y = y0; y <= y1; y++)
            {
                for (var x = x0; x <= x1; x++)
                    mask[x - x0 + 1, y - y0 + 1] = labels[x, y] == label ? (byte)1 : (byte)0;
            }

            var distance = DistanceTransform.ToBackground(mask);
            var maps = new ByteMaps(2, mask.Width, mask.Height);
            for (var i = 0; i < mask.Samples.Length; i++)
            {
                maps.Channel(NucleusMaps.Foreground)[i] = mask.Samples[i] != 0 ? (byte)255 : (byte)0;
                maps.Channel(NucleusMaps.Distance)[i] = (byte)Math.Min(255, Math.Round(distance.Samples[i] * StepsPerPixel));
            }

            var pieces = watershed.Segment(maps);
            var most = 0;
            for (var y = y0; y <= y1; y++)
            {
                for (var x = x0; x <= x1; x++)
                {
                    if (labels[x, y] != label)
                        continue;
                    // What the flood leaves over stays one piece of its own.
                    var piece = pieces[x - x0 + 1, y - y0 + 1];
                    result[x, y] = next + piece + 1;
                    most = Math.Max(most, piece + 1);
                }
            }

            next += most;
        }

        return result;
    }
}
