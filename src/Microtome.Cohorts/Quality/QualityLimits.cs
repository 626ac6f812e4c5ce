namespace Microtome.Cohorts;

/// <summary>From where on a slide is unusual or bad. Limits of shares are pairs: acceptable up to the first, bad from the second on.</summary>
public sealed record QualityLimits
{
    /// <summary>Fewer slides of a type are compared with the whole cohort; a cohort of fewer slides is held against the fixed limits alone. Default 10.</summary>
    public int FewestSlides { get; init; } = 10;

    /// <summary>Robust deviations from the median from which a number is unusual (Iglewicz and Hoaglin 1993). Default 3.5.</summary>
    public double UnusualDeviations { get; init; } = 3.5;

    /// <summary>Robust deviations from which a number is bad. Default 7.</summary>
    public double BadDeviations { get; init; } = 7;

    /// <summary>Less tissue than this is none, mm2. Default 0.01.</summary>
    public double LeastTissueMm2 { get; init; } = 0.01;

    /// <summary>Squares out of focus, share. Default 0.25 and 0.5.</summary>
    public (double Unusual, double Bad) Blurred { get; init; } = (0.25, 0.5);

    /// <summary>Pen marks per tissue, by area. Default 0.05 and 0.3.</summary>
    public (double Unusual, double Bad) Pen { get; init; } = (0.05, 0.3);

    /// <summary>Foreign colours, share of the stained pixels. Default 0.05 and 0.2.</summary>
    public (double Unusual, double Bad) Foreign { get; init; } = (0.05, 0.2);

    /// <summary>Folds, share of the tissue. Default 0.1 and 0.4.</summary>
    public (double Unusual, double Bad) Fold { get; init; } = (0.1, 0.4);

    /// <summary>Median area of nuclei that is possible at all, um2. Default 10 to 200.</summary>
    public (double Least, double Most) AreaUm2 { get; init; } = (10, 200);

    /// <summary>A pixel size is called wrong from this factor on. Default 1.5.</summary>
    public double PixelSizeFactor { get; init; } = 1.5;
}
