using Microtome.Imaging;

namespace Microtome.Learning;

/// <summary>Compares two label images (0 = background, any positive number = one object; labels need not be contiguous or agree).</summary>
public static class NucleusMetrics
{
    /// <summary>Two objects match when their intersection over union is above this; above 0.5 a match is unique.</summary>
    public const double MatchIou = 0.5;

    /// <summary>Largest distance of matched centroids, pixels at 0.25 um per pixel (3 um).</summary>
    public const double DetectionRadius = 12;

    /// <summary>The scores of one image.</summary>
    /// <param name="truth">True labels.</param>
    /// <param name="predicted">Predicted labels, of the same size.</param>
    /// <param name="detectionRadius">Largest distance of matched centroids, pixels of these images.</param>
    /// <exception cref="ArgumentException">The sizes differ or a label is negative.</exception>
    public static NucleusScores Evaluate(Raster<int> truth, Raster<int> predicted, double detectionRadius = DetectionRadius) =>
        Count(truth, predicted, detectionRadius).Scores;

    /// <summary>The counts behind the scores, which can be pooled over images.</summary>
    /// <exception cref="ArgumentException">The sizes differ or a label is negative.</exception>
    public static NucleusTally Count(Raster<int> truth, Raster<int> predicted, double detectionRadius = DetectionRadius)
    {
        var table = LabelTable.Count(truth, predicted);
        var (ajiIntersection, ajiUnion) = Aji(table);
        var matched = 0L;
        var matchedIou = 0.0;
        foreach (var overlap in table.Overlaps)
        {
            var iou = table.Iou(overlap);
            if (iou <= MatchIou)
                continue;
            matched++;
            matchedIou += iou;
        }

        return new NucleusTally
        {
            TruthPixels = table.TruthAreas.Sum(),
            PredictedPixels = table.PredictedAreas.Sum(),
            SharedPixels = table.Overlaps.Sum(o => (long)o.Pixels),
            AjiIntersection = ajiIntersection,
            AjiUnion = ajiUnion,
            TruthObjects = table.TruthAreas.Length,
            PredictedObjects = table.PredictedAreas.Length,
            Matched = matched,
            MatchedIou = matchedIou,
            Detected = Detections(table.TruthCentroids, table.PredictedCentroids, detectionRadius),
        };
    }

    /// <summary>
    /// Kumar et al. 2017, as HoVer-Net counts it: each true object takes the prediction with the best IoU, which others may take too; predictions
    /// that nobody took are added to the union. Of equal IoUs the prediction whose first pixel comes first wins, so that labels play no part.
    /// </summary>
    private static (long Intersection, long Union) Aji(LabelTable table)
    {
        var used = new bool[table.PredictedAreas.Length];
        var overlaps = table.Overlaps;
        long intersection = 0, union = 0;
        var k = 0;
        for (var t = 0; t < table.TruthAreas.Length; t++)
        {
            var best = -1;
            var bestIou = 0.0;
            for (; k < overlaps.Length && overlaps[k].Truth == t; k++)
            {
                var iou = table.Iou(overlaps[k]);
                if (iou <= bestIou)
                    continue;
                best = k;
                bestIou = iou;
            }

            if (best < 0)
            {
                union += table.TruthAreas[t];
                continue;
            }

            intersection += overlaps[best].Pixels;
            union += table.Union(overlaps[best]);
            used[overlaps[best].Predicted] = true;
        }

        for (var p = 0; p < used.Length; p++)
        {
            if (!used[p])
                union += table.PredictedAreas[p];
        }

        return (intersection, union);
    }

    private static long Detections((double X, double Y)[] truth, (double X, double Y)[] predicted, double radius)
    {
        // Predictions by cells as wide as the radius: a partner lies in the same cell or next to it.
        var size = Math.Max(radius, 1);
        var cells = new Dictionary<(int X, int Y), List<int>>();
        for (var p = 0; p < predicted.Length; p++)
        {
            var key = ((int)(predicted[p].X / size), (int)(predicted[p].Y / size));
            if (!cells.TryGetValue(key, out var list))
                cells[key] = list = [];
            list.Add(p);
        }

        var candidates = new List<(double Squared, int Truth, int Predicted)>();
        for (var t = 0; t < truth.Length; t++)
        {
            var (cx, cy) = ((int)(truth[t].X / size), (int)(truth[t].Y / size));
            for (var y = cy - 1; y <= cy + 1; y++)
            {
                for (var x = cx - 1; x <= cx + 1; x++)
                {
                    if (!cells.TryGetValue((x, y), out var list))
                        continue;
                    foreach (var p in list)
                    {
                        var (dx, dy) = (truth[t].X - predicted[p].X, truth[t].Y - predicted[p].Y);
                        var squared = (dx * dx) + (dy * dy);
                        if (squared <= radius * radius)
                            candidates.Add((squared, t, p));
                    }
                }
            }
        }

        candidates.Sort();
        var takenTruth = new bool[truth.Length];
        var takenPredicted = new bool[predicted.Length];
        var matched = 0L;
        foreach (var (_, t, p) in candidates)
        {
            if (takenTruth[t] || takenPredicted[p])
                continue;
            takenTruth[t] = takenPredicted[p] = true;
            matched++;
        }

        return matched;
    }
}
