using Microtome.Imaging;
using Microtome.Learning;
using Microtome.Learning.Metrics;
using Microtome.Learning.Supervision.Patches;

namespace Microtome.Pathology;

/// <summary>A patch classifier on labelled patches.</summary>
public sealed record PatchEvaluation
{
    private const int BatchSize = 32;

    /// <summary>The scores at the model's threshold.</summary>
    public required BinaryScores Scores { get; init; }

    /// <summary>95 % interval of the AUC, over patients.</summary>
    public required (double Low, double High) AucInterval { get; init; }

    /// <summary>95 % interval of F1, over patients.</summary>
    public required (double Low, double High) F1Interval { get; init; }

    /// <summary>95 % interval of the accuracy, over patients.</summary>
    public required (double Low, double High) AccuracyInterval { get; init; }

    /// <summary>Patients.</summary>
    public required int Patients { get; init; }

    /// <summary>Probability of the positive class of each patch.</summary>
    public required IReadOnlyList<double> Probabilities { get; init; }

    /// <summary>The probabilities of a class.</summary>
    /// <param name="network">The classifier.</param>
    /// <param name="patches">The patches, at any size.</param>
    /// <param name="positive">The place of the class.</param>
    public static double[] Predict(IPatchNetwork network, IReadOnlyList<LabelledPatch> patches, int positive)
    {
        var result = new double[patches.Count];
        int batches = (patches.Count + BatchSize - 1) / BatchSize, classes = network.Classes.Count;
        Parallel.For(0, batches, new ParallelOptions { MaxDegreeOfParallelism = network.Workers }, batch =>
        {
            int first = batch * BatchSize, count = Math.Min(BatchSize, patches.Count - first);
            var inputs = new RgbImage[count];
            for (int i = 0; i < count; i++)
            {
                inputs[i] = new RgbImage(network.InputWidth, network.InputHeight);
                network.Prepare(patches[first + i].Image, inputs[i]);
            }

            float[] answers = new float[count * classes];
            network.Predict(inputs, answers);
            for (int i = 0; i < count; i++)
                result[first + i] = answers[(i * classes) + positive];
        });

        return result;
    }

    /// <summary>Scores probabilities, with intervals over patients.</summary>
    public static PatchEvaluation Of(IReadOnlyList<double> probabilities, IReadOnlyList<LabelledPatch> patches, double threshold)
    {
        int[] labels = [.. patches.Select(p => p.Label)];
        string[] patients = [.. patches.Select(p => p.Patient)];
        (double Low, double High) Interval(Func<BinaryScores, double> figure) => GroupedBootstrap.Interval(
            patients, items => figure(BinaryScores.Of([.. items.Select(i => probabilities[i])], [.. items.Select(i => labels[i])], threshold)));
        return new PatchEvaluation
        {
            Scores = BinaryScores.Of(probabilities, labels, threshold),
            AucInterval = Interval(s => s.Auc),
            F1Interval = Interval(s => s.F1),
            AccuracyInterval = Interval(s => s.Accuracy),
            Patients = patients.Distinct(StringComparer.Ordinal).Count(),
            Probabilities = probabilities,
        };
    }
}
