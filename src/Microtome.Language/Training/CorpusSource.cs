namespace Microtome.Language;

/// <summary>Batches of a corpus of tokens for an objective; some documents are held out.</summary>
public sealed class CorpusSource : ITextSource
{
    private readonly BatchSampler training;
    private readonly BatchSampler? heldOut;
    private readonly TextObjective objective;
    private readonly TextObjective measure;
    private readonly int heldOutWindows;

    /// <summary>Lays the windows.</summary>
    /// <param name="file">The corpus.</param>
    /// <param name="objective">What is learnt.</param>
    /// <param name="measure">The same objective with a seed that does not change from run to run, for the held-out texts.</param>
    /// <param name="batch">Windows a step.</param>
    /// <param name="heldOutShare">Part of the documents that is held out; 0: none.</param>
    /// <param name="seed">Of the order.</param>
    /// <param name="heldOutWindows">At most so many windows are measured.</param>
    /// <exception cref="TextException">There is too little text.</exception>
    public CorpusSource(TokenFile file, TextObjective objective, TextObjective measure, int batch, double heldOutShare, long seed, int heldOutWindows = 2048)
    {
        (this.objective, this.measure, this.heldOutWindows) = (objective, measure, heldOutWindows);
        var options = new BatchSamplerOptions { WindowLength = objective.WindowLength, Stride = objective.Stride, BatchSize = batch, Seed = seed, HeldOutShare = heldOutShare };
        training = new BatchSampler(file, options);
        heldOut = heldOutShare > 0 ? new BatchSampler(file, options with { HeldOut = true, Shuffle = false, BatchSize = 1 }) : null;
    }

    /// <summary>Steps in which every window is drawn once.</summary>
    public long StepsPerEpoch => training.StepsPerEpoch;

    /// <summary>Tokens to learn from, and held out.</summary>
    public (long Training, long HeldOut) Tokens => (training.Tokens, heldOut?.Tokens ?? 0);

    /// <inheritdoc/>
    public TextBatch Training(long step) => objective.Draw(training, step);

    /// <inheritdoc/>
    public IEnumerable<TextBatch> HeldOut()
    {
        if (heldOut is null)
            yield break;
        for (long window = 0; window < Math.Min(heldOutWindows, heldOut.Windows); window++)
            yield return measure.Draw(heldOut, window);
    }
}
