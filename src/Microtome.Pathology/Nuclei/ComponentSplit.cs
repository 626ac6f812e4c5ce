using Microtome.Imaging;
using Microtome.Learning;
using Microtome.Learning.Supervision.InstanceMasks;

namespace Microtome.Pathology;

/// <summary>
/// Parts labels that are components of a binary mask, where touching nuclei may be one label: each label is flooded from the summits of its own distance
/// transform (a dumbbell becomes two, an ellipse stays one) or of the maps of a network that has seen the picture.
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

    /// <summary>Parts every label by its shape.</summary>
    /// <returns>New labels 1, 2, ...; the background stays as it was.</returns>
    public static Raster<int> Run(Raster<int> labels) => Part(labels, Options, static (mask, _, _) =>
    {
        var distance = DistanceTransform.ToBackground(mask);
        var maps = new ByteMaps(2, mask.Width, mask.Height);
        for (var i = 0; i < mask.Samples.Length; i++)
            maps.Channel(NucleusMaps.Distance)[i] = (byte)Math.Min(255, Math.Round(distance.Samples[i] * StepsPerPixel));
        return maps;
    });

    /// <summary>Parts every label by what a network sees in the picture: each is flooded from the summits of the network's maps inside it.</summary>
    /// <param name="labels">Shape [Height, Width].</param>
    /// <param name="seen">The network's maps of the picture, of the same width and height; the foreground is not used.</param>
    /// <param name="postprocessing">How the network's maps become nuclei; sizes and probabilities below which nuclei are dropped do not count here.</param>
    /// <returns>New labels 1, 2, ...; the background stays as it was.</returns>
    public static Raster<int> Run(Raster<int> labels, ByteMaps seen, NucleusPostprocessingOptions postprocessing)
    {
        var options = postprocessing with { ForegroundWeight = 0, MinArea = 1, MinProbability = 0, FillHoles = false };
        return Part(labels, options, (mask, left, top) =>
        {
            var maps = new ByteMaps(seen.Channels, mask.Width, mask.Height);
            for (var y = 1; y < mask.Height - 1; y++)
            {
                for (var channel = NucleusMaps.Distance; channel < seen.Channels; channel++)
                    seen.Row(channel, top + y - 1).Slice(left, mask.Width - 2).CopyTo(maps.Row(channel, y)[1..]);
            }

            return maps;
        });
    }

    // The landscape is given a label's mask, with one pixel of background around so that the border of the label is a border of the mask, and where the label lies.
    private static Raster<int> Part(Raster<int> labels, NucleusPostprocessingOptions options, Func<Raster<byte>, int, int, ByteMaps> landscape)
    {
        var result = new Raster<int>(labels.Width, labels.Height);
        var watershed = new NucleusWatershed(options);
        var next = 0;
        foreach (var (label, (x0, y0, x1, y1)) in LabelBoxes.Of(labels))
        {
            var mask = new Raster<byte>(x1 - x0 + 3, y1 - y0 + 3);
            for (var y = y0; y <= y1; y++)
            {
                for (var x = x0; x <= x1; x++)
                    mask[x - x0 + 1, y - y0 + 1] = labels[x, y] == label ? (byte)1 : (byte)0;
            }

            var maps = landscape(mask, x0, y0);
            for (var i = 0; i < mask.Samples.Length; i++)
                maps.Channel(NucleusMaps.Foreground)[i] = mask.Samples[i] != 0 ? (byte)255 : (byte)0;
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
