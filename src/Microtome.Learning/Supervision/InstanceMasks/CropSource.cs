using System.Threading.Channels;

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
    private readonly CancellationTokenSource stop = new();
    private readonly Channel<Task<CropBatch>> ready;
    private readonly Task producer;

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
        ready = Channel.CreateBounded<Task<CropBatch>>(workers);
        producer = Task.Run(() => ProduceAsync(firstStep));
    }

    /// <summary>The batch of the next step.</summary>
    public CropBatch Next()
    {
        var pending = ready.Reader.ReadAsync().AsTask().GetAwaiter().GetResult();
        return pending.GetAwaiter().GetResult();
    }

    /// <summary>Draws the batch of a step.</summary>
    public CropBatch Draw(long step)
    {
        var area = size * size;
        var result = new CropBatch(batch, size, new float[batch * 3 * area], new float[batch * 3 * area], new float[batch]);
        var planes = new float[TrainingImage.Planes * area];
        var scratch = new float[2 * area];
        for (var i = 0; i < batch; i++)
        {
            var random = new Random(Mix(seed, step, i));
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
    public void Dispose()
    {
        stop.Cancel();
        while (ready.Reader.TryRead(out _))
        {
            // Makes room, so that the producer sees the cancellation.
        }

        try
        {
            producer.GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            // The way it ends.
        }

        stop.Dispose();
    }

    private static int Mix(int seed, long step, int index)
    {
        // splitmix64 (Steele, Lea and Flood 2014)
        unchecked
        {
            var z = ((ulong)(uint)seed << 32) ^ ((ulong)step * 0x9E3779B97F4A7C15UL) ^ ((ulong)index * 0xD1B54A32D192ED03UL);
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
            return (int)(z ^ (z >> 31));
        }
    }

    private async Task ProduceAsync(long firstStep)
    {
        for (var step = firstStep; !stop.IsCancellationRequested; step++)
        {
            var wanted = step;
            await ready.Writer.WriteAsync(Task.Run(() => Draw(wanted), stop.Token), stop.Token).ConfigureAwait(false);
        }
    }

    private TrainingImage Pick(Random random)
    {
        var at = Array.BinarySearch(cumulative, random.NextDouble() * cumulative[^1]);
        return images[Math.Min(at < 0 ? ~at : at + 1, images.Count - 1)];
    }
}
