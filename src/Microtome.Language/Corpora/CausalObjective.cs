namespace Microtome.Language;

/// <summary>The next token everywhere.</summary>
public sealed class CausalObjective : TextObjective
{
    /// <summary>Makes the objective.</summary>
    /// <param name="length">Tokens of a sequence.</param>
    public CausalObjective(int length)
        : base(0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        Length = length;
    }

    /// <inheritdoc/>
    public override int Length { get; }

    /// <summary>One more than the sequence, for the last target.</summary>
    public override int WindowLength => Length + 1;

    /// <inheritdoc/>
    public override int Stride => Length;

    private protected override void Make(ReadOnlySpan<int> window, KeyedRandom random, TextBatch batch, int row)
    {
        for (var i = 0; i < Length; i++)
            (batch.Inputs[(row * Length) + i], batch.Targets[(row * Length) + i]) = (window[i], window[i + 1]);
    }
}
