namespace Microtome.Server;

/// <summary>
/// One series of a training run in bounded memory: up to 2,000 points as they are; of more, equal stretches with the smallest and the largest value of each, so that peaks stay. Steps ascend: a step that
/// comes again, because a run was resumed from an earlier checkpoint, replaces what stood there and after it.
/// </summary>
internal sealed class MetricSeries
{
    /// <summary>Stretches at most; each gives two points.</summary>
    public const int MostStretches = 1000;

    private readonly List<Stretch> stretches = [];
    private int capacity = 2;

    /// <summary>The newest step and value.</summary>
    public (long Step, double Value) Last { get; private set; }

    /// <summary>Whether there is any value.</summary>
    public bool Any => stretches.Count > 0;

    /// <summary>Adds a value.</summary>
    /// <param name="step">Its step.</param>
    /// <param name="value">The value.</param>
    /// <param name="stamp">A number that grows with every line of the file.</param>
    public void Add(long step, double value, long stamp)
    {
        DropFrom(step, stamp);
        Last = (step, value);
        if (stretches.Count == MostStretches && stretches[^1].Count >= capacity)
            Merge(stamp);
        if (stretches.Count == 0 || stretches[^1].Count >= capacity)
        {
            // The one before was shown with its newest point, which may be none of its extremes.
            if (stretches.Count > 0)
                stretches[^1] = stretches[^1] with { Stamp = stamp };
            stretches.Add(new Stretch(1, stamp, step, new Point(step, value), new Point(step, value)));
        }
        else
        {
            stretches[^1] = stretches[^1].With(new Point(step, value), stamp);
        }
    }

    /// <summary>What changed since a stamp: these points replace those from a step on; null when nothing did.</summary>
    public (long FromStep, List<Point> Points)? Since(long stamp)
    {
        int first = stretches.FindIndex(s => s.Stamp > stamp);
        if (first < 0)
            return null;
        var points = new List<Point>(2 * (stretches.Count - first) + 1);
        foreach (var stretch in stretches.Skip(first))
        {
            var (one, two) = stretch.Low.Step < stretch.High.Step ? (stretch.Low, stretch.High) : (stretch.High, stretch.Low);
            points.Add(one);
            if (two.Step > one.Step)
                points.Add(two);
        }

        if (points[^1].Step < Last.Step)
            points.Add(new Point(Last.Step, Last.Value));
        return (stretches[first].FirstStep, points);
    }

    private void DropFrom(long step, long stamp)
    {
        while (stretches.Count > 0 && stretches[^1].FirstStep >= step)
            stretches.RemoveAt(stretches.Count - 1);
        if (stretches.Count == 0 || Last.Step < step || (stretches[^1].Low.Step < step && stretches[^1].High.Step < step))
            return;
        // Of the stretch that is cut what is known to lie before stays.
        var cut = stretches[^1];
        stretches.RemoveAt(stretches.Count - 1);
        if (cut.Low.Step < step)
            stretches.Add(new Stretch(1, stamp, cut.FirstStep, cut.Low, cut.Low));
        else if (cut.High.Step < step)
            stretches.Add(new Stretch(1, stamp, cut.FirstStep, cut.High, cut.High));
    }

    private void Merge(long stamp)
    {
        capacity *= 2;
        int count = (stretches.Count + 1) / 2;
        for (int i = 0; i < count; i++)
        {
            var one = stretches[2 * i];
            stretches[i] = 2 * i + 1 < stretches.Count ? one.And(stretches[2 * i + 1], stamp) : one with { Stamp = stamp };
        }

        stretches.RemoveRange(count, stretches.Count - count);
    }

    /// <summary>A value at a step.</summary>
    internal readonly record struct Point(long Step, double Value);

    private readonly record struct Stretch(int Count, long Stamp, long FirstStep, Point Low, Point High)
    {
        public Stretch With(Point point, long stamp) => this with { Count = Count + 1, Stamp = stamp, Low = point.Value < Low.Value ? point : Low, High = point.Value >= High.Value ? point : High };

        public Stretch And(Stretch next, long stamp) => new(Count + next.Count, stamp, FirstStep, next.Low.Value < Low.Value ? next.Low : Low, next.High.Value >= High.Value ? next.High : High);
    }
}
