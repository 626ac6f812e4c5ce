namespace Microtome.Pathology;

/// <summary>The product-limit estimate of survival (Kaplan and Meier 1958) with Greenwood's variance.</summary>
public sealed class KaplanMeier
{
    private const double Normal975 = 1.959963984540054;

    private readonly double[] _sortedTimes;

    /// <summary>Estimates the curve.</summary>
    public KaplanMeier(SurvivalData data)
    {
        _sortedTimes = [.. data.Times.Order()];
        var steps = new List<KaplanMeierStep>();
        int atRisk = data.Count;
        double survival = 1, greenwood = 0;
        foreach (var group in Enumerable.Range(0, data.Count).GroupBy(i => data.Times[i]).OrderBy(static g => g.Key))
        {
            int events = group.Count(i => data.Events[i]), censored = group.Count() - events;
            survival *= 1 - ((double)events / atRisk);
            greenwood += events == atRisk ? 0 : events / ((double)atRisk * (atRisk - events));
            double relative = Math.Sqrt(greenwood);
            // At zero survival the interval on the log scale does not exist.
            bool dead = survival <= 0;
            steps.Add(new KaplanMeierStep(
                group.Key,
                atRisk,
                events,
                censored,
                dead ? 0 : survival,
                dead ? 0 : survival * relative,
                dead ? double.NaN : survival * Math.Exp(-Normal975 * relative),
                dead ? double.NaN : Math.Min(1, survival * Math.Exp(Normal975 * relative))));
            atRisk -= events + censored;
        }

        Steps = steps;
    }

    /// <summary>The curve, a step for each distinct time.</summary>
    public IReadOnlyList<KaplanMeierStep> Steps { get; }

    /// <summary>Time at which half have had the event (where the curve lies at exactly one half, the middle of that stretch); null if it is never reached.</summary>
    public double? Median
    {
        get
        {
            for (int i = 0; i < Steps.Count; i++)
            {
                double above = Steps[i].Survival - 0.5;
                if (above < -1e-12)
                    return Steps[i].Time;
                if (above > 1e-12)
                    continue;
                int next = i + 1;
                while (next < Steps.Count && Steps[next].Events == 0)
                    next++;
                return next < Steps.Count ? (Steps[i].Time + Steps[next].Time) / 2 : Steps[i].Time;
            }

            return null;
        }
    }

    /// <summary>Probability to survive beyond a time.</summary>
    public double At(double time)
    {
        double survival = 1;
        foreach (var step in Steps)
        {
            if (step.Time > time)
                break;
            survival = step.Survival;
        }

        return survival;
    }

    /// <summary>Subjects under observation just before a time.</summary>
    public int AtRisk(double time)
    {
        int low = 0, high = _sortedTimes.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_sortedTimes[middle] < time)
                low = middle + 1;
            else
                high = middle;
        }

        return _sortedTimes.Length - low;
    }
}
