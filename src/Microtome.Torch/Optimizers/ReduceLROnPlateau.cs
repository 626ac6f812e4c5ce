namespace Microtome.Torch;

/// <summary>Lowers the learning rate when a figure has not improved for some calls.</summary>
public sealed class ReduceLROnPlateau
{
    private readonly Optimizer optimizer;
    private readonly bool minimise;
    private readonly double factor;
    private readonly int patience;
    private readonly double threshold;
    private readonly int cooldown;
    private readonly double min_lr;
    private int resting;

    internal ReduceLROnPlateau(Optimizer optimizer, string mode, double factor, int patience, double threshold, int cooldown, double min_lr)
    {
        if (mode is not ("min" or "max"))
            throw new ArgumentException($"Mode '{mode}' is neither min nor max.");
        if (factor is not (> 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(factor), factor, "The factor lies between 0 and 1.");
        (this.optimizer, minimise, this.factor, this.patience, this.threshold, this.cooldown, this.min_lr) = (optimizer, mode == "min", factor, patience, threshold, cooldown, min_lr);
        Best = minimise ? double.PositiveInfinity : double.NegativeInfinity;
    }

    /// <summary>The best figure so far. Set with <see cref="BadEpochs"/> to resume.</summary>
    public double Best { get; set; }

    /// <summary>Calls since the last improvement.</summary>
    public int BadEpochs { get; set; }

    public void step(double metrics)
    {
        var better = minimise ? metrics < Best * (1 - threshold) || double.IsInfinity(Best) : metrics > Best * (1 + threshold) || double.IsInfinity(Best);
        if (better)
            (Best, BadEpochs) = (metrics, 0);
        else
            BadEpochs++;
        if (resting > 0)
            (resting, BadEpochs) = (resting - 1, 0);
        if (BadEpochs <= patience)
            return;
        foreach (var group in optimizer.ParamGroups)
            group.LearningRate = Math.Max(group.LearningRate * factor, min_lr);
        (resting, BadEpochs) = (cooldown, 0);
    }
}
