namespace Microtome.Learning;

/// <summary>Scores of an instance segmentation, each in 0..1. An image without nuclei in truth and prediction scores 1 everywhere.</summary>
public sealed record NucleusScores
{
    /// <summary>Dice coefficient of the foreground: 2 |P n T| / (|P| + |T|).</summary>
    public double Dice { get; init; }

    /// <summary>Aggregated Jaccard index (Kumar et al. 2017).</summary>
    public double Aji { get; init; }

    /// <summary>Panoptic quality, the product of <see cref="Dq"/> and <see cref="Sq"/> (Kirillov et al. 2019).</summary>
    public double Pq { get; init; }

    /// <summary>Detection quality: TP / (TP + FP / 2 + FN / 2) of the pairs with IoU above 0.5.</summary>
    public double Dq { get; init; }

    /// <summary>Segmentation quality: mean IoU of the matched pairs; 0 when nothing matches.</summary>
    public double Sq { get; init; }

    /// <summary>Object F1 at IoU above 0.5; by definition equal to <see cref="Dq"/> on one image.</summary>
    public double F1 { get; init; }

    /// <summary>F1 of the centroids, matched one to one within the detection radius (3 um: 12 px at 0.25 um per pixel).</summary>
    public double DetectionF1 { get; init; }

    /// <summary>True nuclei (a sum in a mean).</summary>
    public long TruthObjects { get; init; }

    /// <summary>Predicted nuclei (a sum in a mean).</summary>
    public long PredictedObjects { get; init; }

    /// <summary>The mean of each score over images, every image with the same weight.</summary>
    /// <exception cref="ArgumentException">There are no scores.</exception>
    public static NucleusScores Mean(IReadOnlyCollection<NucleusScores> scores)
    {
        if (scores.Count == 0)
            throw new ArgumentException("The mean over no images is not defined.", nameof(scores));
        return new NucleusScores
        {
            Dice = scores.Average(s => s.Dice),
            Aji = scores.Average(s => s.Aji),
            Pq = scores.Average(s => s.Pq),
            Dq = scores.Average(s => s.Dq),
            Sq = scores.Average(s => s.Sq),
            F1 = scores.Average(s => s.F1),
            DetectionF1 = scores.Average(s => s.DetectionF1),
            TruthObjects = scores.Sum(s => s.TruthObjects),
            PredictedObjects = scores.Sum(s => s.PredictedObjects),
        };
    }
}
