namespace Microtome.Learning.Supervision.Thresholds;

/// <summary>How patches with a rim vary: all of it is done on the super-patch, then the middle is cut, so that no padding enters the patch (til-thresholds, section 5).</summary>
public sealed record SuperPatchAugmentation
{
    /// <summary>The lymphocyte recipe (til-thresholds, section 5).</summary>
    public static SuperPatchAugmentation Til { get; } = new() { QuarterTurns = true, HueShift = 10.0 / 255, Brightness = 20.0 / 255, Translation = 0.2 };

    /// <summary>The tumor recipe (tumor-til, section 5): small turns and a colour jitter.</summary>
    public static SuperPatchAugmentation Tumor { get; } = new() { Degrees = 22, JitterBrightness = 0.3, JitterContrast = 0.3, JitterSaturation = 0.3, HueShift = 0.1, RandomOrder = true };

    /// <summary>No variation.</summary>
    public static SuperPatchAugmentation None { get; } = new() { Flips = false };

    /// <summary>Left to right and upside down, each with probability one half.</summary>
    public bool Flips { get; init; } = true;

    /// <summary>A turn by a multiple of 90 degrees.</summary>
    public bool QuarterTurns { get; init; }

    /// <summary>Largest turn by any angle, degrees.</summary>
    public double Degrees { get; init; }

    /// <summary>Largest shift, as a share of the patch's side (20 of 100 px); no further than the rim reaches.</summary>
    public double Translation { get; init; }

    /// <summary>Largest shift of the hue, of a range of 1.</summary>
    public double HueShift { get; init; }

    /// <summary>Largest change that is added to all channels, of a range of 1.</summary>
    public double Brightness { get; init; }

    /// <summary>Largest change of the factor on all channels.</summary>
    public double JitterBrightness { get; init; }

    /// <summary>Largest change of the contrast about the mean grey.</summary>
    public double JitterContrast { get; init; }

    /// <summary>Largest change of the saturation.</summary>
    public double JitterSaturation { get; init; }

    /// <summary>Whether the colour changes come in random order, as torchvision's jitter does.</summary>
    public bool RandomOrder { get; init; }
}
