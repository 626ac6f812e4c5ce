namespace Microtome.Learning.Metrics;

/// <summary>What a map says of a super-patch.</summary>
/// <param name="X">Its first column in the map.</param>
/// <param name="Y">Its first row in the map.</param>
/// <param name="Positives">Positive patches, 0 to 64.</param>
/// <param name="Tissue">Patches with tissue.</param>
public sealed record SuperPatchCount(int X, int Y, int Positives, int Tissue)
{
    /// <summary>floor(64 positives / tissue), the bin that it is sampled from; 0 without tissue.</summary>
    public int Bin => Tissue == 0 ? 0 : SuperPatchAgreement.Side * SuperPatchAgreement.Side * Positives / Tissue;
}
