using Microtome.Torch;
using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Learning.Supervision.InstanceMasks;

/// <summary>
/// The loss of a network with three output maps (foreground, distance, contact): weighted cross-entropy and soft Dice of the foreground, squared error of
/// the distance, cross-entropy of the contact map. Pixels near contacts weigh more, since a merged pair costs an object metric two nuclei.
/// </summary>
public sealed record InstanceLoss
{
    /// <summary>Added weight of foreground and distance errors where nuclei touch.</summary>
    public double ContactEmphasis { get; init; } = 1;

    /// <summary>Weight of the soft Dice loss (arXiv 1606.04797).</summary>
    public double Dice { get; init; } = 0.5;

    /// <summary>Weight of the distance map's squared error.</summary>
    public double Distance { get; init; } = 3;

    /// <summary>Added weight of distance errors inside nuclei.</summary>
    public double InsideEmphasis { get; init; } = 4;

    /// <summary>Weight of the contact map's cross-entropy.</summary>
    public double Contact { get; init; } = 0.3;

    /// <summary>Added weight of contact pixels, which are rare.</summary>
    public double ContactBalance { get; init; } = 4;

    /// <summary>The loss of a batch.</summary>
    /// <param name="output">Logits [N, 3, H, W].</param>
    /// <param name="targets">Targets [N, 3, H, W] in 0..1.</param>
    /// <param name="trust">Weights of the distance and contact terms [N].</param>
    /// <returns>A scalar.</returns>
    public Tensor Compute(Tensor output, Tensor targets, Tensor trust)
    {
        using var scope = NewDisposeScope();
        var logits = output.select(1, 0);
        var foreground = targets.select(1, 0);
        var distance = targets.select(1, 1);
        var contact = targets.select(1, 2);
        var weight = (contact * ContactEmphasis) + 1;
        var instances = trust.view(-1, 1, 1);

        var loss = functional.binary_cross_entropy_with_logits(logits, foreground, weight);
        var probability = logits.sigmoid();
        var overlap = (probability * foreground).sum([1, 2]);
        var total = probability.sum([1, 2]) + foreground.sum([1, 2]);
        loss = loss + ((1 - (((overlap * 2) + 1) / (total + 1))).mean() * Dice);
        var error = (output.select(1, 1).sigmoid() - distance).square();
        loss = loss + ((error * ((foreground * InsideEmphasis) + 1) * weight * instances).mean() * Distance);
        var split = functional.binary_cross_entropy_with_logits(output.select(1, 2), contact, ((contact * ContactBalance) + 1) * instances);
        return (loss + (split * Contact)).MoveToOuterDisposeScope();
    }
}
