namespace Microtome.Learning.Training;

/// <summary>Which of the weights that a run kept become the model, by the validation patches.</summary>
public enum WeightsChoice
{
    /// <summary>The last ones.</summary>
    Last,

    /// <summary>The highest F1, each at its own Youden cut, which is the cut that the model gets.</summary>
    F1,

    /// <summary>The highest accuracy at that cut.</summary>
    Accuracy,

    /// <summary>The lowest cross-entropy of the positive class.</summary>
    Loss,
}
