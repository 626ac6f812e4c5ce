namespace Microtome.Learning;

/// <summary>Adds up the busy time of a stage's threads.</summary>
internal sealed class StageClock(string stage, int threads, TimeProvider clock)
{
    private long busy;
    private int items;

    /// <summary>Starts a piece of work; disposing ends it.</summary>
    public Piece Work(int count = 1)
    {
        Interlocked.Add(ref items, count);
        return new Piece(this, clock.GetTimestamp());
    }

    /// <summary>The account. A stage that shares its threads with another names it, so that no time is counted twice.</summary>
    public StageTime Total(double wallSeconds, StageClock? partner = null)
    {
        double own = Seconds, all = own + (partner?.Seconds ?? 0), idle = Math.Max(0, (wallSeconds * threads) - all);
        return new StageTime(stage, threads, own, partner is null ? idle : idle / 2, items);
    }

    private double Seconds => (double)Interlocked.Read(ref busy) / clock.TimestampFrequency;

    /// <summary>A piece of work under way.</summary>
    public readonly struct Piece(StageClock owner, long start) : IDisposable
    {
        /// <inheritdoc/>
        public void Dispose() => Interlocked.Add(ref owner.busy, owner.Clock.GetTimestamp() - start);
    }

    private TimeProvider Clock => clock;
}
