namespace Microtome.Cohorts;

/// <summary>
/// Simulates a cohort on many workers, event by event, from measured times of slides: workers claim from a ledger that serves one at a time, read from a storage that they
/// share, die now and then and are replaced. It shows what bounds the run, not what a cluster will do to the minute.
/// </summary>
public static class ScalingSimulation
{
    /// <summary>Runs it.</summary>
    /// <param name="options">The cohort.</param>
    /// <param name="workers">How many workers.</param>
    public static ScalingOutcome Run(ScalingOptions options, int workers)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(workers);
        var random = new Random(options.Seed);
        double[] work = [.. Enumerable.Range(0, options.Slides).Select(_ => Draw(options, random))];
        double total = work.Sum();

        // Storage: if all workers together ask for more than there is, all are slowed alike.
        double demand = workers * options.SlideBytes / (total / work.Length), storage = demand / options.StorageBytesPerSecond, slow = Math.Max(1, storage);
        var open = new PriorityQueue<(int Slide, double Left), double>();
        var queues = Enumerable.Range(0, options.Shards ? workers : 1).Select(_ => new Queue<int>()).ToArray();
        for (int i = 0; i < work.Length; i++)
            queues[i % queues.Length].Enqueue(i);
        var free = new PriorityQueue<int, double>(Enumerable.Range(0, workers).Select(w => (w, 0.0)));
        double ledgerFree = 0, ledgerBusy = 0, end = 0, firstIdle = double.PositiveInfinity;
        int deaths = 0;
        while (free.TryDequeue(out int worker, out double now))
        {
            var queue = queues[options.Shards ? worker : 0];
            (int Slide, double Left) item;
            if (queue.TryDequeue(out int slide))
            {
                item = (slide, work[slide] * slow);
            }
            else if (!options.Shards && open.TryDequeue(out item, out double from))
            {
                now = Math.Max(now, from);
            }
            else
            {
                firstIdle = Math.Min(firstIdle, now);
                continue;
            }

            // The ledger takes one after the other; shards have none in common.
            double begin = now;
            if (!options.Shards)
            {
                begin = Math.Max(now, ledgerFree);
                double each = options.LedgerSeconds * (1 + (item.Left / options.RenewEvery / 2));
                ledgerFree = begin + options.LedgerSeconds;
                ledgerBusy += each;
            }

            double death = -Math.Log(1 - random.NextDouble()) * 3600 / Math.Max(1e-12, options.DeathsPerHour);
            if (death < item.Left)
            {
                deaths++;
                double left = item.Left - (death * (1 - options.Lost));
                if (options.Shards)
                    free.Enqueue(worker, begin + death + left); // queued again on its own shard
                else
                    open.Enqueue((item.Slide, left), begin + death + options.LeaseSeconds);
                if (options.Shards)
                    end = Math.Max(end, begin + death + left);
                else
                    free.Enqueue(worker, begin + death);
                continue;
            }

            end = Math.Max(end, begin + item.Left);
            free.Enqueue(worker, begin + item.Left);
        }

        return new ScalingOutcome(workers, end / 3600, total / (workers * end), double.IsInfinity(firstIdle) ? 0 : (end - firstIdle) / end, ledgerBusy / end, storage, deaths);
    }

    private static double Draw(ScalingOptions options, Random random)
    {
        double normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        double seconds = options.MeasuredSeconds[random.Next(options.MeasuredSeconds.Count)] * options.Size * Math.Exp((options.Spread * normal) - (options.Spread * options.Spread / 2));
        return random.NextDouble() < options.Stragglers ? 10 * seconds : seconds;
    }
}
