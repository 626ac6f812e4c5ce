namespace Microtome.Learning.Supervision.InstanceMasks;

/// <summary>
/// Draws augmented crops in the background. Crop i of step s depends on (seed, s, i) alone, so that a resumed run sees what an undisturbed run sees and
/// the number of workers does not matter.
/// </summary>
public sealed class CropSource : IDisposable
{
    private readonly IReadOnlyList<TrainingImage> images;
    private readonly double[] cumulative;
    private readonly AugmentationOptions augmentation;
    private readonly int size;
    private readonly int batch;
    private readonly int seed;
    private readonly BatchQueue<CropBatch> queue;

    /// <summary>Starts drawing from a step on.</summary>
    public CropSource(IReadOnlyList<TrainingImage> images, AugmentationOptions augmentation, int size, int batch, int seed, long firstStep, int workers = 2)
    {
        if (images.Count == 0)
            throw new ArgumentException("There is no training picture: the manifest has no row with split 'train'.", nameof(images));
        this.images = images;
        this.augmentation = augmentation;
        this.size = size;
        this.batch = batch;
        this.seed = seed;
        cumulative = new double[images.Count];
        var total = 0.0;
        for (var i = 0; i < images.Count; i++)
            cumulative[i] = total += images[i].Row.Weight;
        queue = new BatchQueue<CropBatch>(Draw, firstStep, workers);
    }

    /// <summary>The batch of the next step.</summary>
    public CropBatch Next() => queue.Next();

    /// <summary>Draws the batch of a step.</summary>
    public CropBatch Draw(long step)
    {
        var area = size * size;
        var result = new CropBatch(batch, size, new float[batch * 3 * area], new float[batch * 3 * area], new float[batch]);
        var planes = new float[TrainingImage.Planes * area];
        var scratch = new float[2 * area];
        for (var i = 0; i < batch; i++)
        {
            var random = new Random(StepSeed.Of(seed, step, i));
            var image = Pick(random);
            new CropWarp(image, size, augmentation, random).Sample(image, planes);
            CropColour.Change(planes.AsSpan(0, 3 * area), size, augmentation, random, scratch);
            planes.AsSpan(0, 3 * area).CopyTo(result.Pictures.AsSpan(i * 3 * area));
            var targets = result.Targets.AsSpan(i * 3 * area, 3 * area);
            planes.AsSpan(3 * area).CopyTo(targets);
            foreach (ref var foreground in targets[..area])
                foreground = foreground >= 0.5f ? 1 : 0;
            result.Trust[i] = (float)image.Row.Instances;
        }

        return result;
    }

    /// <inheritdoc/>
    public void Dispose() => queue.Dispose();

    private TrainingImage Pick(Random random)
    {
        var at = Array.BinarySearch(cumulative, random.NextDouble() * cumulative[^1]);
        return images[Math.Min(at < 0 ? ~at : at + 1, images.Count - 1)];
    }
}
