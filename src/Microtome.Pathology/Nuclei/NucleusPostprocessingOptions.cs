namespace Microtome.Pathology;

/// <summary>How probability and distance maps become nuclei. Lengths and areas are in pixels of the maps (0.25 um per pixel unless scaled).</summary>
public sealed record NucleusPostprocessingOptions
{
    /// <summary>A pixel belongs to a nucleus when its foreground probability is above this.</summary>
    /// <value>0.5.</value>
    public double ForegroundThreshold { get; init; } = 0.5;

    /// <summary>Standard deviation of the Gaussian that smooths the landscape before flooding, pixels; 0 leaves it alone.</summary>
    /// <value>1.5.</value>
    public double DistanceSigma { get; init; } = 1.5;

    /// <summary>Share of the foreground probability in the landscape, 0..1; the rest is the distance map.</summary>
    /// <value>0.</value>
    public double ForegroundWeight { get; init; }

    /// <summary>How much the contact map, if there is one, is subtracted from the landscape.</summary>
    /// <value>0.5.</value>
    public double ContactWeight { get; init; } = 0.5;

    /// <summary>A summit that rises less than this above the pass to a higher one is part of it (h-maxima), 0..1.</summary>
    /// <value>0.06.</value>
    public double MarkerDynamics { get; init; } = 0.06;

    /// <summary>A summit lower than this never splits from its neighbour, 0..1.</summary>
    /// <value>0.2.</value>
    public double MarkerMinimum { get; init; } = 0.2;

    /// <summary>A summit with fewer pixels than this above the pass to its neighbour is part of it.</summary>
    /// <value>12.</value>
    public int MinMarkerArea { get; init; } = 12;

    /// <summary>Smaller objects are dropped.</summary>
    /// <value>40 (2.5 um2 at 0.25 um per pixel).</value>
    public int MinArea { get; init; } = 40;

    /// <summary>Objects whose mean foreground probability is lower are dropped.</summary>
    /// <value>0.5.</value>
    public double MinProbability { get; init; } = 0.5;

    /// <summary>Whether holes that one nucleus surrounds alone become part of it.</summary>
    /// <value>True.</value>
    public bool FillHoles { get; init; } = true;

    /// <summary>The same sizes in microns for maps of another resolution.</summary>
    /// <param name="factor">Pixels of the new maps per pixel of the old: 0.5 from 0.25 to 0.5 um per pixel.</param>
    public NucleusPostprocessingOptions Scaled(double factor) => this with
    {
        DistanceSigma = DistanceSigma * factor,
        MinMarkerArea = Math.Max(1, (int)Math.Round(MinMarkerArea * factor * factor)),
        MinArea = Math.Max(1, (int)Math.Round(MinArea * factor * factor)),
    };

    /// <summary>Throws when a value makes no sense.</summary>
    /// <exception cref="ArgumentException">Names every value that is out of range.</exception>
    public void Validate()
    {
        var wrong = new List<string>();
        void Check(string name, double value, double low, double high)
        {
            if (!(value >= low && value <= high))
                wrong.Add(FormattableString.Invariant($"{name} is {value} and must lie in {low}..{high}"));
        }

        Check(nameof(ForegroundThreshold), ForegroundThreshold, 0, 1);
        Check(nameof(DistanceSigma), DistanceSigma, 0, 20);
        Check(nameof(ForegroundWeight), ForegroundWeight, 0, 1);
        Check(nameof(ContactWeight), ContactWeight, 0, 1);
        Check(nameof(MarkerDynamics), MarkerDynamics, 0, 1);
        Check(nameof(MarkerMinimum), MarkerMinimum, 0, 1);
        Check(nameof(MinMarkerArea), MinMarkerArea, 0, 1_000_000);
        Check(nameof(MinArea), MinArea, 0, 1_000_000);
        Check(nameof(MinProbability), MinProbability, 0, 1);
        if (wrong.Count > 0)
            throw new ArgumentException("Post-processing options: " + string.Join("; ", wrong) + ".");
    }
}
