using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microtome.Imaging;
using Microtome.Learning.Supervision.Patches;

namespace Microtome.Learning.Supervision.Thresholds;

/// <summary>
/// Draws batches from labelled patches with a rim, each patch once an epoch. The classes keep their natural share: neither the draws nor the loss balance them (til-thresholds, section 3.2).
/// </summary>
public sealed class SuperPatchSource : IPatchSupervision
{
    private readonly ConcurrentDictionary<long, int[]> orders = new();
    private readonly TrainingSet set;
    private readonly PatchGeometry geometry;
    private readonly SuperPatchAugmentation augmentation;
    private readonly int batch;
    private readonly int seed;

    /// <summary>Makes the source.</summary>
    /// <param name="set">The patches.</param>
    /// <param name="geometry">The patch.</param>
    /// <param name="augmentation">How patches vary.</param>
    /// <param name="batch">Patches a batch.</param>
    /// <param name="seed">Of all draws.</param>
    public SuperPatchSource(TrainingSet set, PatchGeometry geometry, SuperPatchAugmentation augmentation, int batch, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfZero(set.Patches.Count);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batch);
        (this.set, this.geometry, this.augmentation, this.batch, this.seed) = (set, geometry, augmentation, batch, seed);
    }

    /// <inheritdoc/>
    public string Description => $"labels {set.Kind.ToString().ToLowerInvariant()}: {set.Description}";

    /// <inheritdoc/>
    public string Fingerprint => string.Create(CultureInfo.InvariantCulture, $"thresholds;{set.Kind};{geometry};{augmentation};{batch};{seed};{Convert.ToHexString(Names())}");

    /// <inheritdoc/>
    public PatchBatch Draw(long step)
    {
        var side = geometry.Input;
        var area = side * side;
        var result = new PatchBatch(batch, side, new float[batch * 3 * area], new long[batch], new float[batch], null);
        var input = new RgbImage(side, side);
        for (var i = 0; i < batch; i++)
        {
            var random = new Random(StepSeed.Of(seed, step, i));
            var patch = set.Patches[Index((step * batch) + i)];
            (result.Labels[i], result.Weights[i]) = (patch.Label, 1);
            Fill(result.Pictures.AsSpan(i * 3 * area, 3 * area), patch, geometry, augmentation, random, input);
        }

        return result;
    }

    /// <summary>Varies a patch and writes it as the network sees it, before it is normalised.</summary>
    /// <param name="planes">Receives [3, S, S], 0..1.</param>
    /// <param name="patch">The patch.</param>
    /// <param name="geometry">Its geometry; S is its input.</param>
    /// <param name="augmentation">How it varies.</param>
    /// <param name="random">What is drawn.</param>
    /// <param name="input">Working space of S x S pixels.</param>
    internal static void Fill(Span<float> planes, SuperPatch patch, PatchGeometry geometry, SuperPatchAugmentation augmentation, Random random, RgbImage input)
    {
        var area = geometry.Input * geometry.Input;
        var cut = Vary(patch, geometry.Pixels, augmentation, random);
        var pixels = cut.Pixels;
        if (cut.Width != geometry.Input)
        {
            AntialiasedResize.Resize(cut, input);
            pixels = input.Pixels;
        }

        for (var p = 0; p < area; p++)
        {
            for (var k = 0; k < 3; k++)
                planes[(k * area) + p] = pixels[(3 * p) + k] / 255f;
        }
    }

    /// <summary>Varies the super-patch, then cuts the patch out of its middle.</summary>
    private static RgbImage Vary(SuperPatch patch, int pixels, SuperPatchAugmentation options, Random random)
    {
        var picture = patch.Open();
        var rim = Math.Min(picture.Width - pixels, picture.Height - pixels) / 2;
        if (picture.Width < pixels || picture.Height < pixels)
            throw new SlideException($"{patch.Name} has {picture.Width} x {picture.Height} px; a patch has {pixels}, and may have a rim around it.");
        var cut = SuperPatchWarp.Random(options, rim, pixels, random).Cut(picture, pixels);
        PatchJitter.Change(cut, options, random);
        return cut;
    }

    private int Index(long draw)
    {
        var count = set.Patches.Count;
        var (epoch, place) = Math.DivRem(draw, count);
        var order = orders.GetOrAdd(epoch, e =>
        {
            var fresh = Enumerable.Range(0, count).ToArray();
            new Random(StepSeed.Of(seed, e, -1)).Shuffle(fresh);
            return fresh;
        });
        orders.TryRemove(epoch - 2, out _);
        return order[place];
    }

    private byte[] Names() => SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', set.Patches.Select(static p => $"{p.Name} {p.Label} {p.Group}"))));
}
