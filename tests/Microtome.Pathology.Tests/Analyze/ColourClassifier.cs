using Microtome.Imaging;
using Microtome.Learning;
using Microtome.Learning.Models;

namespace Microtome.Pathology.Tests;

/// <summary>A patch classifier whose answer is the share of dark violet pixels times a factor: exact, without context, and countable.</summary>
internal sealed class ColourClassifier(PatchTask task, ColourNetwork.Counter counter, double factor) : IPatchNetwork
{
    public string Name => "colour-" + task.Name;

    public int InputWidth => 50;

    public int InputHeight => 50;

    public IReadOnlyList<string> Classes => [task.Negative, task.Positive];

    public int Workers => 2;

    public static PatchMapModel Model(PatchTask task, ColourNetwork.Counter? counter = null, double factor = 4, double threshold = 0.3) => new()
    {
        Task = task,
        Name = "colour-" + task.Name,
        Sha256 = "0123456789abcdef",
        Config = task.Config("patchnet"),
        Activation = PatchActivation.Softmax,
        PositiveClass = task.Positive,
        Threshold = threshold,
        Warnings = [$"The {task.Name} model is a toy."],
        CreateNetwork = () => new ColourClassifier(task, counter ?? new ColourNetwork.Counter(), factor),
    };

    public void Prepare(RgbImage patch, RgbImage input)
    {
        for (int y = 0; y < InputHeight; y++)
        {
            for (int x = 0; x < InputWidth; x++)
                patch.Row(y * patch.Height / InputHeight).Slice(x * patch.Width / InputWidth * 3, 3).CopyTo(input.Row(y)[(3 * x)..]);
        }
    }

    public void Predict(IReadOnlyList<RgbImage> inputs, Span<float> probabilities)
    {
        lock (counter)
            counter.Count();
        for (int i = 0; i < inputs.Count; i++)
        {
            var pixels = inputs[i].Pixels;
            int dark = 0;
            for (int p = 0; p < pixels.Length; p += 3)
                dark += pixels[p] < 150 && pixels[p + 1] < 110 ? 1 : 0;
            float positive = (float)Math.Min(1, factor * dark / (pixels.Length / 3));
            (probabilities[2 * i], probabilities[(2 * i) + 1]) = (1 - positive, positive);
        }
    }

    public void Dispose()
    {
    }
}
