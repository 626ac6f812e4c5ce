using Microtome.Imaging;

namespace Microtome.Learning;

/// <summary>A network that classifies patches: small RGB pictures of one size in, a probability for each class out.</summary>
public interface IPatchNetwork : IDisposable
{
    /// <summary>Its name, for logs and provenance.</summary>
    string Name { get; }

    /// <summary>Width of the pictures that <see cref="Predict"/> takes, pixels.</summary>
    int InputWidth { get; }

    /// <summary>Height of the pictures that <see cref="Predict"/> takes, pixels.</summary>
    int InputHeight { get; }

    /// <summary>The classes, in the order of the outputs.</summary>
    IReadOnlyList<string> Classes { get; }

    /// <summary>How many threads may call <see cref="Predict"/> at once.</summary>
    int Workers => 1;

    /// <summary>Brings what was read of the slide to the input size. May be called from many threads at once.</summary>
    /// <param name="patch">The patch in level-0 pixels, of any size.</param>
    /// <param name="input">Receives the picture; <see cref="InputWidth"/> x <see cref="InputHeight"/>.</param>
    void Prepare(RgbImage patch, RgbImage input);

    /// <summary>Classifies pictures. The answer to one picture depends on nothing else in the batch.</summary>
    /// <param name="inputs">Pictures of the input size, N of them.</param>
    /// <param name="probabilities">Receives the probabilities, shape [N, Classes].</param>
    void Predict(IReadOnlyList<RgbImage> inputs, Span<float> probabilities);
}
