namespace Microtome.Imaging;

/// <summary>
/// How tissue is told from glass. The score of a pixel is the spread of its optical density over the channels (colour) plus a share of its mean
/// (darkness), both against the colour of the glass; the threshold is found on the histogram of the slide and held between two bounds, so that a slide
/// of glass alone has no tissue and a slide of tissue alone has no glass.
/// </summary>
public sealed record TissueOptions
{
    /// <summary>Surgical specimens and whole sections: the default.</summary>
    public static TissueOptions Resection { get; } = new();

    /// <summary>Needle and forceps biopsies: small and thin pieces count, gaps are closed less.</summary>
    public static TissueOptions Biopsy { get; } = new()
    {
        Preset = "biopsy",
        LowestThreshold = 0.018,
        HighestThreshold = 0.05,
        ClosingMicrons = 24,
        SmallestMm2 = 0.008,
        LargestHoleMm2 = 0.01,
    };

    /// <summary>Weakly stained or faded slides, fat, brain: the threshold sits at the foot of the peak of the glass.</summary>
    public static TissueOptions Pale { get; } = new()
    {
        Preset = "pale",
        Rule = TissueThresholdRule.Triangle,
        LowestThreshold = 0.010,
        HighestThreshold = 0.03,
        DensityWeight = 0.25,
        SmallestMm2 = 0.03,
        LargestHoleMm2 = 0.2,
    };

    /// <summary>Immunohistochemistry: a grey-blue counterstain has little colour, so darkness counts too.</summary>
    public static TissueOptions Ihc { get; } = new()
    {
        Preset = "ihc",
        Rule = TissueThresholdRule.Triangle,
        LowestThreshold = 0.020,
        HighestThreshold = 0.06,
        DensityWeight = 0.5,
        SmallestMm2 = 0.02,
    };

    /// <summary>All presets by name.</summary>
    public static IReadOnlyList<TissueOptions> Presets { get; } = [Resection, Biopsy, Pale, Ihc];

    /// <summary>The name of the preset that these options come from.</summary>
    public string Preset { get; init; } = "resection";

    /// <summary>Side of a mask pixel, um. Default 8. Larger where the mask would exceed 16 megapixels.</summary>
    public double MicronsPerPixel { get; init; } = 8;

    /// <summary>How the threshold is found on the histogram. Default Otsu.</summary>
    public TissueThresholdRule Rule { get; init; } = TissueThresholdRule.Otsu;

    /// <summary>The threshold is at least this, optical density. Default 0.022.</summary>
    public double LowestThreshold { get; init; } = 0.022;

    /// <summary>The threshold is at most this, optical density. Default 0.07.</summary>
    public double HighestThreshold { get; init; } = 0.07;

    /// <summary>Share of the mean optical density in the score. Default 0: grey dust and shadows do not count.</summary>
    public double DensityWeight { get; init; }

    /// <summary>Radius of the closing, um. Default 32.</summary>
    public double ClosingMicrons { get; init; } = 32;

    /// <summary>Smaller pieces are dropped, mm2; on a picture of less than 50 times this, pieces below 2 % of it. Default 0.05.</summary>
    public double SmallestMm2 { get; init; } = 0.05;

    /// <summary>Holes up to this are filled, mm2. Default 0.05.</summary>
    public double LargestHoleMm2 { get; init; } = 0.05;

    /// <summary>Whether pen marks are taken out of the tissue. Default true.</summary>
    public bool ExcludePen { get; init; } = true;

    /// <summary>How many places are looked at for blur. Default 32; 0 leaves the check out.</summary>
    public int BlurSamples { get; init; } = 32;

    /// <summary>The preset of that name.</summary>
    /// <exception cref="UsageException">There is no such preset.</exception>
    public static TissueOptions Named(string preset)
        => Presets.FirstOrDefault(p => string.Equals(p.Preset, preset, StringComparison.OrdinalIgnoreCase))
            ?? throw new UsageException($"There is no tissue preset '{preset}'. Use {string.Join(", ", Presets.Select(p => p.Preset))}.");
}
