namespace Microtome.Language;

/// <summary>Turns windows of a corpus into something to learn. A row depends on seed, step and its number in the batch alone, however batches are shared out and in whatever order they are asked for.</summary>
public abstract class TextObjective
{
    private protected TextObjective(long seed)
    {
        Seed = seed;
    }

    /// <summary>Seed of all that is random.</summary>
    public long Seed { get; }

    /// <summary>Tokens of a window that a row is made of.</summary>
    public abstract int WindowLength { get; }

    /// <summary>Tokens from one window to the next, for <see cref="BatchSamplerOptions.Stride"/>.</summary>
    public virtual int Stride => WindowLength;

    /// <summary>Tokens of an input.</summary>
    public abstract int Length { get; }

    /// <summary>Tokens of a target.</summary>
    public virtual int TargetLength => Length;

    private protected virtual bool HasDecoder => false;

    /// <summary>The batch of a step, or the part of it that one of several processes takes.</summary>
    /// <param name="sampler">Gives the windows; its windows have <see cref="WindowLength"/> tokens.</param>
    /// <param name="step">The step.</param>
    /// <param name="firstRow">The first row of the batch to make.</param>
    /// <param name="rows">How many; -1 for all from there.</param>
    public TextBatch Draw(BatchSampler sampler, long step, int firstRow = 0, int rows = -1)
    {
        if (sampler.Options.WindowLength != WindowLength)
            throw new ArgumentException($"The sampler's windows have {sampler.Options.WindowLength} tokens, and this objective needs {WindowLength}.", nameof(sampler));
        rows = rows < 0 ? sampler.Options.BatchSize - firstRow : rows;
        if (firstRow < 0 || rows < 1 || firstRow + rows > sampler.Options.BatchSize)
            throw new ArgumentOutOfRangeException(nameof(rows), rows, $"Rows {firstRow} to {firstRow + rows} of a batch of {sampler.Options.BatchSize}.");
        var batch = new TextBatch(rows, Length, TargetLength, HasDecoder);
        var window = new int[WindowLength];
        for (var row = 0; row < rows; row++)
        {
            sampler.ReadWindow(sampler.WindowOf(step, firstRow + row), window);
            Make(window, new KeyedRandom(Seed, step, firstRow + row, 0x4F424A), batch, row);
        }

        return batch;
    }

    /// <summary>Makes a row of a window: the same as in <see cref="Draw"/> for the row of that number.</summary>
    public TextBatch Make(ReadOnlySpan<int> window, long step, int row)
    {
        var batch = new TextBatch(1, Length, TargetLength, HasDecoder);
        Make(window[..WindowLength], new KeyedRandom(Seed, step, row, 0x4F424A), batch, 0);
        return batch;
    }

    private protected abstract void Make(ReadOnlySpan<int> window, KeyedRandom random, TextBatch batch, int row);
}
