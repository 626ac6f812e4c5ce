namespace Microtome.Pathology;

/// <summary>Times to an event, right-censored.</summary>
public sealed class SurvivalData
{
    /// <summary>Checks and keeps them.</summary>
    /// <param name="times">Time from the start to the event or to the last contact, any unit, at least 0.</param>
    /// <param name="events">Whether the event happened at that time; otherwise the time is censored.</param>
    /// <exception cref="ArgumentException">The lengths differ or a time is negative or not finite.</exception>
    public SurvivalData(double[] times, bool[] events)
    {
        if (times.Length != events.Length)
            throw new ArgumentException($"{times.Length} times and {events.Length} events.", nameof(events));
        int bad = Array.FindIndex(times, static t => t is not (>= 0 and <= double.MaxValue));
        if (bad >= 0)
            throw new ArgumentException($"Time {times[bad]} of subject {bad}: a time is at least 0 and finite.", nameof(times));
        Times = times;
        Events = events;
    }

    /// <summary>Times.</summary>
    public double[] Times { get; }

    /// <summary>Whether the event happened.</summary>
    public bool[] Events { get; }

    /// <summary>Subjects.</summary>
    public int Count => Times.Length;

    /// <summary>Subjects with the event.</summary>
    public int EventCount => Events.Count(static e => e);

    /// <summary>Some of the subjects.</summary>
    public SurvivalData Where(Func<int, bool> keep)
    {
        int[] kept = [.. Enumerable.Range(0, Count).Where(keep)];
        return new SurvivalData([.. kept.Select(i => Times[i])], [.. kept.Select(i => Events[i])]);
    }
}
