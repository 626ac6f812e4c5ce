namespace Microtome.Imaging;

/// <summary>The colours of one slide by one method: what goes into provenance.json, and all that <see cref="StainNormalizer"/> needs.</summary>
public sealed record StainProfile
{
    /// <summary>How it was estimated.</summary>
    public required StainMethod Method { get; init; }

    /// <summary>Unit vectors of optical density, hematoxylin first, shape [2][3]; empty for Reinhard and when degenerate.</summary>
    public double[][] Vectors { get; init; } = [];

    /// <summary>99th percentile of the amount of each stain, optical density to base 10, shape [2]; empty for Reinhard and when degenerate.</summary>
    public double[] MaxAmounts { get; init; } = [];

    /// <summary>Means of l, alpha, beta (natural logarithms of LMS), shape [3]; Reinhard only.</summary>
    public double[] LabMeans { get; init; } = [];

    /// <summary>Standard deviations of l, alpha, beta, shape [3]; Reinhard only.</summary>
    public double[] LabDeviations { get; init; } = [];

    /// <summary>The number of stained pixels that the estimate rests on.</summary>
    public int StainedPixels { get; init; }

    /// <summary>Why nothing could be estimated, so that normalisation leaves the picture as it is; null when all is well.</summary>
    public string? Reason { get; init; }

    /// <summary>Whether pictures are left as they are.</summary>
    public bool IsIdentity => Reason is not null;

    /// <summary>
    /// The colours to normalise to when none are given. Stain methods: the vectors and strengths of Macenko's published reference (natural logarithm there,
    /// base 10 here). Reinhard: the statistics of TCGA-A2-A3XS-DX1 that HistomicsTK uses as its default.
    /// </summary>
    public static StainProfile Reference(StainMethod method) => method == StainMethod.Reinhard
        ? new StainProfile
        {
            Method = method,
            LabMeans = [8.63234435, -0.11501964, 0.03868433],
            LabDeviations = [0.57506023, 0.10403329, 0.01364062],
        }
        : new StainProfile
        {
            Method = method,
            Vectors = method == StainMethod.Ruifrok
                ? [[.. StainVectors.HematoxylinEosin.First], [.. StainVectors.HematoxylinEosin.Second]]
                : [[0.5626, 0.7201, 0.4062], [0.2159, 0.8012, 0.5581]],
            MaxAmounts = [1.9705 / Math.Log(10), 1.0308 / Math.Log(10)],
        };
}
