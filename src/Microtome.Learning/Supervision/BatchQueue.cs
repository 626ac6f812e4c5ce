using System.Threading.Channels;

namespace Microtome.Learning.Supervision;

/// <summary>Draws batches in the background, a few ahead. The batch of a step depends on the step alone, so that the number of workers does not matter and a resumed run sees what an undisturbed run sees.</summary>
/// <typeparam name="TBatch">A batch.</typeparam>
public sealed class BatchQueue<TBatch> : IDisposable
{
    private readonly Func<long, TBatch> draw;
    private readonly CancellationTokenSource stop = new();
    private readonly Channel<Task<TBatch>> ready;
    private readonly Task producer;

    /// <summary>Starts drawing.</summary>
    /// <param name="draw">The batch of a step; called from several threads.</param>
    /// <param name="firstStep">The step to begin with.</param>
    /// <param name="workers">Batches that are drawn at once.</param>
    public BatchQueue(Func<long, TBatch> draw, long firstStep, int workers = 2)
    {
        this.draw = draw;
        ready = Channel.CreateBounded<Task<TBatch>>(workers);
        producer = Task.Run(() => ProduceAsync(firstStep));
    }

    /// <summary>The batch of the next step.</summary>
    public TBatch Next()
    {
        var pending = ready.Reader.ReadAsync().AsTask().GetAwaiter().GetResult();
        return pending.GetAwaiter().GetResult();
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

    private async Task ProduceAsync(long firstStep)
    {
        for (var step = firstStep; !stop.IsCancellationRequested; step++)
        {
            var wanted = step;
            await ready.Writer.WriteAsync(Task.Run(() => draw(wanted), stop.Token), stop.Token).ConfigureAwait(false);
        }
    }
}
