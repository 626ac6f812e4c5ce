using Microtome.Imaging;
using Microtome.Learning;

namespace Microtome.Pathology;

/// <summary>
/// Segments a picture that fits in memory in one piece. Beyond its edges the picture is mirrored, as in training: unlike a slide, a field of view goes on
/// where it was cut.
/// </summary>
public sealed class NucleusFieldSegmenter
{
    private readonly ITileNetwork network;
    private readonly NucleusWatershed watershed;

    /// <summary>Combines a network and its post-processing.</summary>
    public NucleusFieldSegmenter(ITileNetwork network, NucleusPostprocessingOptions postprocessing)
    {
        this.network = network;
        watershed = new NucleusWatershed(postprocessing);
    }

    /// <summary>Instance labels of a picture at the network's own pixel size, shape [Height, Width].</summary>
    public Raster<int> Segment(RgbImage picture) => watershed.Segment(Predict(picture));

    /// <summary>The maps of a picture at the network's own pixel size.</summary>
    public ByteMaps Predict(RgbImage picture)
    {
        var multiple = network.WindowMultiple;
        var left = Math.Min(network.Halo, 128);
        var width = (picture.Width + (2 * left) + multiple - 1) / multiple * multiple;
        var height = (picture.Height + (2 * left) + multiple - 1) / multiple * multiple;
        var window = new RgbImage(width, height);
        for (var y = 0; y < height; y++)
        {
            var source = picture.Row(Mirror(y - left, picture.Height));
            var target = window.Row(y);
            for (var x = 0; x < width; x++)
                source.Slice(3 * Mirror(x - left, picture.Width), 3).CopyTo(target[(3 * x)..]);
        }

        var predicted = new ByteMaps(network.Channels, width, height);
        network.Predict([window], [predicted]);
        var maps = new ByteMaps(network.Channels, picture.Width, picture.Height);
        for (var channel = 0; channel < network.Channels; channel++)
        {
            for (var y = 0; y < picture.Height; y++)
                predicted.Row(channel, y + left).Slice(left, picture.Width).CopyTo(maps.Row(channel, y));
        }

        return maps;
    }

    private static int Mirror(int i, int length)
    {
        var period = Math.Max(2 * (length - 1), 1);
        i = ((i % period) + period) % period;
        return i < length ? i : period - i;
    }
}
