namespace Microtome.Learning;

/// <summary>The counts behind the scores of a segmentation. Tallies add up: the sum over images gives pooled scores.</summary>
public sealed record NucleusTally
{
    /// <summary>Pixels of true nuclei.</summary>
    public long TruthPixels { get; init; }

    /// <summary>Pixels of predicted nuclei.</summary>
    public long PredictedPixels { get; init; }

    /// <summary>Pixels that are nucleus in both.</summary>
    public long SharedPixels { get; init; }

    /// <summary>Numerator of AJI: intersections of the true nuclei with their best predictions.</summary>
    public long AjiIntersection { get; init; }

    /// <summary>Denominator of AJI: their unions, true nuclei without any overlap, and predictions never chosen.</summary>
    public long AjiUnion { get; init; }

    /// <summary>True nuclei.</summary>
    public long TruthObjects { get; init; }

    /// <summary>Predicted nuclei.</summary>
    public long PredictedObjects { get; init; }

    /// <summary>Pairs with IoU above 0.5; there is at most one for each object.</summary>
    public long Matched { get; init; }

    /// <summary>Sum of the IoU of the matched pairs.</summary>
    public double MatchedIou { get; init; }

    /// <summary>Pairs of centroids within the detection radius, one to one, nearest first.</summary>
    public long Detected { get; init; }

    /// <summary>The scores that follow from the counts.</summary>
    public NucleusScores Scores => new()
    {
        Dice = Ratio(2.0 * SharedPixels, TruthPixels + PredictedPixels),
        Aji = Ratio(AjiIntersection, AjiUnion),
        Dq = Ratio(2.0 * Matched, TruthObjects + PredictedObjects),
        Sq = Matched > 0 ? MatchedIou / Matched : TruthObjects + PredictedObjects == 0 ? 1 : 0,
        Pq = Ratio(2.0 * MatchedIou, TruthObjects + PredictedObjects),
        F1 = Ratio(2.0 * Matched, TruthObjects + PredictedObjects),
        DetectionF1 = Ratio(2.0 * Detected, TruthObjects + PredictedObjects),
        TruthObjects = TruthObjects,
        PredictedObjects = PredictedObjects,
    };

    /// <summary>The counts of all images together.</summary>
    public static NucleusTally Pool(IEnumerable<NucleusTally> tallies)
    {
        var sum = new NucleusTally();
        foreach (var tally in tallies)
        {
            sum = new NucleusTally
            {
                TruthPixels = sum.TruthPixels + tally.TruthPixels,
                PredictedPixels = sum.PredictedPixels + tally.PredictedPixels,
                SharedPixels = sum.SharedPixels + tally.SharedPixels,
                AjiIntersection = sum.AjiIntersection + tally.AjiIntersection,
                AjiUnion = sum.AjiUnion + tally.AjiUnion,
                TruthObjects = sum.TruthObjects + tally.TruthObjects,
                PredictedObjects = sum.PredictedObjects + tally.PredictedObjects,
                Matched = sum.Matched + tally.Matched,
                MatchedIou = sum.MatchedIou + tally.MatchedIou,
                Detected = sum.Detected + tally.Detected,
            };
        }

        return sum;
    }

    // Nothing to find and nothing found is a perfect answer.
    private static double Ratio(double numerator, double denominator) => denominator == 0 ? 1 : numerator / denominator;
}
