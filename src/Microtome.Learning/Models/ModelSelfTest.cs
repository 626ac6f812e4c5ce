namespace Microtome.Learning.Models;

/// <summary>A stored input and what the network must answer to it.</summary>
/// <param name="Input">A picture in the model folder.</param>
/// <param name="Values">Outputs at <see cref="Count"/> evenly spaced places of the flattened output, after the sigmoid.</param>
/// <param name="Tolerance">Largest accepted difference.</param>
public sealed record ModelSelfTest(string Input, IReadOnlyList<double> Values, double Tolerance)
{
    /// <summary>How many outputs are compared.</summary>
    public const int Count = 64;
}
