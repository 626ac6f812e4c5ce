namespace Microtome.Learning.Models;

/// <summary>How the outputs of a patch classifier become probabilities.</summary>
public enum PatchActivation
{
    /// <summary>The classes exclude each other; the probabilities sum to 1.</summary>
    Softmax,

    /// <summary>Every class for itself.</summary>
    Sigmoid,
}
