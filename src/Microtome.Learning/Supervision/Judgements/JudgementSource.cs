using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microtome.Imaging;
using Microtome.Learning.Supervision.Patches;
using Microtome.Learning.Supervision.Thresholds;

namespace Microtome.Learning.Supervision.Judgements;

/// <summary>
/// Draws batches from patches that people judged, the classes by their share: were they balanced, all probabilities would rise and the threshold no longer fit. With anchors three quarters of a batch are patches that nobody
/// judged, whose target is what the network said before (learning without forgetting, arXiv 1606.09282): it must not unlearn what the labels do not speak of.
/// </summary>
public sealed class JudgementSource : IPatchSupervision
{
    private readonly IReadOnlyList<SuperPatch> judged;
    private readonly IReadOnlyList<AnchorPatch> anchors;
    private readonly PatchGeometry geometry;
    private readonly SuperPatchAugmentation augmentation;
    private readonly int batch;
    private readonly int seed;
    private readonly string start;

    /// <summary>Makes the source.</summary>
    /// <param name="judged">The labelled patches, of both classes.</param>
    /// <param name="anchors">Patches that hold the network; none when it starts from nothing.</param>
    /// <param name="geometry">The patch.</param>
    /// <param name="augmentation">How patches vary.</param>
    /// <param name="batch">Patches a batch.</param>
    /// <param name="seed">Of all draws.</param>
    /// <param name="start">What the network starts from, for <see cref="Fingerprint"/>.</param>
    public JudgementSource(IReadOnlyList<SuperPatch> judged, IReadOnlyList<AnchorPatch> anchors, PatchGeometry geometry, SuperPatchAugmentation augmentation, int batch, int seed, string start)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 2);
        if (judged.All(p => p.Label == judged[0].Label))
            throw new ArgumentException("Both classes are needed.", nameof(judged));
        (this.judged, this.anchors, this.geometry, this.augmentation, this.batch, this.seed, this.start) = (judged, anchors, geometry, augmentation, batch, seed, start);
    }

    /// <inheritdoc/>
    public string Description => string.Create(CultureInfo.InvariantCulture, $"{judged.Count} judged patches ({judged.Count(static p => p.Label == 1)} positive), {anchors.Count} more that hold the network where it was");

    /// <inheritdoc/>
    public string Fingerprint => string.Create(
        CultureInfo.InvariantCulture,
        $"judgements;{geometry};{augmentation};{batch};{seed};{start};{Hash(judged.Select(static p => $"{p.Name} {p.Label}"))};{Hash(anchors.Select(static a => a.Patch.Name))}");

    /// <inheritdoc/>
    public PatchBatch Draw(long step)
    {
        int side = geometry.Input, area = side * side;
        var result = new PatchBatch(batch, side, new float[batch * 3 * area], new long[batch], new float[batch], null) { Targets = new float[batch] };
        var input = new RgbImage(side, side);
        for (var i = 0; i < batch; i++)
        {
            var random = new Random(StepSeed.Of(seed, step, i));
            var (patch, target) = Choose(i, random);
            (result.Labels[i], result.Targets[i], result.Weights[i]) = (target >= 0.5f ? 1 : 0, target, 1);
            SuperPatchSource.Fill(result.Pictures.AsSpan(i * 3 * area, 3 * area), patch, geometry, augmentation, random, input);
        }

        return result;
    }

    private (SuperPatch Patch, float Target) Choose(int place, Random random)
    {
        if (anchors.Count > 0 && place >= batch / 4)
        {
            var anchor = anchors[random.Next(anchors.Count)];
            return (anchor.Patch, (float)anchor.Probability);
        }

        var patch = judged[random.Next(judged.Count)];
        return (patch, patch.Label);
    }

    private static string Hash(IEnumerable<string> lines) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines))));
}
