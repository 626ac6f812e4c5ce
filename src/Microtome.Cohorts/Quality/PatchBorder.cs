using Microtome.Imaging;

namespace Microtome.Cohorts;

/// <summary>Leaves out the nuclei that the border of a patch cuts, see <see cref="PatchBorderRule.Ignore"/>.</summary>
public static class PatchBorder
{
    /// <summary>Both label images without the nuclei that are cut.</summary>
    /// <remarks>The truth decides, so that a prediction that swallows the patch is not forgiven because it touches the border.</remarks>
    public static (Raster<int> Truth, Raster<int> Predicted) WithoutCut(Raster<int> truth, Raster<int> predicted)
    {
        HashSet<int> cutTruth = Touching(truth), cutPredicted = Touching(predicted), meets = [];
        Dictionary<int, (int Area, int OnCut)> areas = [];
        for (int i = 0; i < predicted.Samples.Length; i++)
        {
            int p = predicted.Samples[i], t = truth.Samples[i];
            if (p == 0)
                continue;
            var (area, onCut) = areas.GetValueOrDefault(p);
            bool cut = cutTruth.Contains(t);
            areas[p] = (area + 1, onCut + (cut ? 1 : 0));
            if (t != 0 && !cut)
                meets.Add(p);
        }

        var dropped = areas.Where(a => a.Value.OnCut * 2 > a.Value.Area || (cutPredicted.Contains(a.Key) && !meets.Contains(a.Key))).Select(static a => a.Key).ToHashSet();
        return (Without(truth, cutTruth), Without(predicted, dropped));
    }

    private static HashSet<int> Touching(Raster<int> labels)
    {
        var found = new HashSet<int>();
        for (int x = 0; x < labels.Width; x++)
        {
            found.Add(labels[x, 0]);
            found.Add(labels[x, labels.Height - 1]);
        }

        for (int y = 0; y < labels.Height; y++)
        {
            found.Add(labels[0, y]);
            found.Add(labels[labels.Width - 1, y]);
        }

        found.Remove(0);
        return found;
    }

    private static Raster<int> Without(Raster<int> labels, HashSet<int> dropped) => new(labels.Width, labels.Height, Array.ConvertAll(labels.Samples, l => dropped.Contains(l) ? 0 : l));
}
