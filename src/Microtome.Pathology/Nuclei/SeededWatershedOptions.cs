namespace Microtome.Pathology;

/// <summary>The published baseline's post-processing (Hou et al. 2020; section 3.4 of the nuclei method page). Defaults are the published ones.</summary>
public sealed record SeededWatershedOptions
{
    /// <summary>Segmentation threshold, 0..1.</summary>
    /// <value>0.33.</value>
    public double SegmentationThreshold { get; init; } = 0.33;

    /// <summary>Detection threshold, 0..1.</summary>
    /// <value>0.07.</value>
    public double DetectionThreshold { get; init; } = 0.07;

    /// <summary>Half the window in which a nucleus is cut out, pixels.</summary>
    /// <value>200.</value>
    public int Window { get; init; } = 200;

    /// <summary>Smaller objects are dropped, pixels.</summary>
    /// <value>20.</value>
    public int MinArea { get; init; } = 20;

    /// <summary>Components of this area or more get no recall seed, pixels. It does not limit the objects.</summary>
    /// <value>65536.</value>
    public int MaxRecallArea { get; init; } = 65536;

    /// <summary>Weight of the distance to the seed in the priority of a pixel.</summary>
    /// <value>1.</value>
    public double Compactness { get; init; } = 1;

    /// <summary>Whether components without a seed get one at their maximum.</summary>
    /// <value>True.</value>
    public bool Recall { get; init; } = true;

    /// <summary>
    /// Whether two mistakes of the authors' code are kept: a seed below the segmentation threshold writes the background around it as a nucleus,
    /// and seeds that fuse into one marker write their nucleus more than once.
    /// </summary>
    /// <value>False.</value>
    public bool AsCoded { get; init; }
}
