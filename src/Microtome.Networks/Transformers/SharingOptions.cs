namespace Microtome.Networks;

/// <summary>Share-then-unshare training (arXiv 2110.03848).</summary>
public sealed record SharingOptions
{
    /// <summary>When the layers become their own.</summary>
    public SharingKind Kind { get; init; }

    /// <summary>Layers in a unit, A of A x B.</summary>
    public int Unit { get; init; } = 1;

    /// <summary>For <see cref="SharingKind.Fixed"/>: the step at which the tie is cut; the paper takes a tenth of all steps.</summary>
    public long UntieAt { get; init; }

    /// <summary>Correlation below which neighbours no longer agree, rho.</summary>
    public double Correlation { get; init; } = 0.5;

    /// <summary>Steps between looks at the correlations.</summary>
    public int CheckEvery { get; init; } = 1000;

    /// <summary>Looks in a row that must agree.</summary>
    public int Patience { get; init; } = 3;

    /// <summary>What becomes of the optimiser's memory.</summary>
    public UntieState State { get; init; }

    /// <summary>Steps of the warm-up after <see cref="UntieState.Reset"/>.</summary>
    public int ResetWarmup { get; init; } = 200;
}
