namespace Microtome.Torch;

/// <summary>Sets the learning rates of an optimiser as a function of the count of <see cref="step()"/> calls.</summary>
public class LRScheduler
{
    private readonly Func<long, double, double> rate;

    /// <param name="optimizer">Whose groups are set.</param>
    /// <param name="rate">Step count and the group's initial rate to the rate at that step.</param>
    internal LRScheduler(Optimizer optimizer, Func<long, double, double> rate)
    {
        Optimizer = optimizer;
        this.rate = rate;
        Apply();
    }

    private protected Optimizer Optimizer { get; }

    /// <summary>Calls of <see cref="step()"/> so far. Set it to resume.</summary>
    public long last_epoch { get; private set; }

    public virtual void step()
    {
        last_epoch++;
        Apply();
    }

    /// <summary>Continues from a count of steps, for an exact resume.</summary>
    public void resume(long epoch)
    {
        last_epoch = epoch;
        Apply();
    }

    public IEnumerable<double> get_last_lr() => Optimizer.ParamGroups.Select(g => g.LearningRate);

    internal double RateAt(long step, double initial) => rate(step, initial);

    private void Apply()
    {
        foreach (var group in Optimizer.ParamGroups)
            group.LearningRate = rate(last_epoch, group.InitialLearningRate);
    }
}
