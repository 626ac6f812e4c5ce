using Microtome.Learning.Supervision.Patches;
using Microtome.Learning.Supervision.Thresholds;

namespace Microtome.Learning.Training;

/// <summary>A published way to train a patch classifier, or our own.</summary>
/// <param name="Name">What <c>--recipe</c> calls it.</param>
/// <param name="Batch">Patches a step.</param>
/// <param name="Epochs">Times that every patch is seen.</param>
/// <param name="Augmentation">How patches vary.</param>
/// <param name="IndependentClasses">Whether each class has a sigmoid of its own.</param>
/// <param name="Choice">Which of the kept weights become the model.</param>
public sealed record PatchRecipe(string Name, int Batch, int Epochs, SuperPatchAugmentation Augmentation, bool IndependentClasses, WeightsChoice Choice)
{
    // Epochs from which the tumor recipe's rate is a share of its first one (tumor-til, section 5).
    private static readonly (int Epoch, double Factor)[] TumorRates = [(0, 1), (4, 1 / 2.0), (8, 1 / 10.0), (10, 1 / 50.0), (15, 1 / 100.0)];

    /// <summary>Our small-network recipe: AdamW, one cycle, averaged weights.</summary>
    public static PatchRecipe Fast { get; } = new("fast", 48, 12, SuperPatchAugmentation.Til, true, WeightsChoice.Last);

    /// <summary>The lymphocyte recipe (til-thresholds, section 5): Adam at 5e-5, weights kept each 500 steps.</summary>
    public static PatchRecipe Til { get; } = new("til", 128, 200, SuperPatchAugmentation.Til, true, WeightsChoice.F1);

    /// <summary>The tumor recipe (tumor-til, section 5): SGD with momentum that is reset each epoch, the last layer alone in the first epoch.</summary>
    public static PatchRecipe Tumor { get; } = new("tumor", 256, 20, SuperPatchAugmentation.Tumor, false, WeightsChoice.F1);

    /// <summary>All.</summary>
    public static IReadOnlyList<PatchRecipe> Known { get; } = [Fast, Til, Tumor];

    /// <summary>Steps of an epoch.</summary>
    public static int StepsPerEpoch(int patches, int batch) => Math.Max(1, (patches + batch - 1) / batch);

    /// <summary>The options of a run.</summary>
    /// <param name="patches">Patches that are trained from.</param>
    /// <param name="batch">Patches a step.</param>
    /// <param name="steps">Steps; null: <see cref="Epochs"/> epochs.</param>
    /// <param name="seed">Seed.</param>
    public TrainingOptions Options(int patches, int batch, int? steps, int seed)
    {
        var epoch = StepsPerEpoch(patches, batch);
        var options = new TrainingOptions { Steps = steps ?? Epochs * epoch, Batch = batch, Seed = seed };
        return Name switch
        {
            "til" => options with
            {
                Optimizer = OptimizerKind.Adam,
                LearningRate = 5e-5,
                Schedule = LearningRateSchedule.Constant,
                WeightDecay = 0,
                ClipNorm = 0,
                AverageDecay = 0,
                KeepEvery = 500,
            },
            "tumor" => options with
            {
                Optimizer = OptimizerKind.Sgd,
                Momentum = 0.9,
                LearningRate = 1e-2,
                Schedule = LearningRateSchedule.Stairs,
                Stairs = [.. TumorRates.Select(rate => new RateStair((long)rate.Epoch * epoch, rate.Factor))],
                WeightDecay = 1e-4,
                ClipNorm = 0,
                AverageDecay = 0,
                HeadOnlySteps = epoch,
                RestartEvery = epoch,
                KeepEvery = epoch,
            },
            _ => options,
        };
    }

    /// <summary>The loss; the published recipes have neither label smoothing nor cell maps.</summary>
    public PatchLoss Loss => Name == "fast" ? new PatchLoss { IndependentClasses = IndependentClasses } : new PatchLoss { IndependentClasses = IndependentClasses, LabelSmoothing = 0, Cells = 0 };
}
