namespace Microtome.Language;

/// <summary>Some texts of one length and what is to be predicted of them.</summary>
/// <param name="Inputs">Tokens, row by row: [<paramref name="Rows"/>, <paramref name="Length"/>].</param>
/// <param name="Targets">The token to predict at each place, -100 where none is.</param>
/// <param name="Rows">Texts.</param>
/// <param name="Length">Tokens a text.</param>
public sealed record TextBatch(long[] Inputs, long[] Targets, int Rows, int Length)
{
    /// <summary>Places with something to predict.</summary>
    public int Predicted => Targets.Count(static t => t >= 0);

    /// <summary>Some of its rows.</summary>
    public TextBatch Slice(int first, int rows) => new(Inputs[(first * Length)..((first + rows) * Length)], Targets[(first * Length)..((first + rows) * Length)], rows, Length);
}
