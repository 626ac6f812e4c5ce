using Microtome.Imaging;

namespace Microtome.Learning.Models;

/// <summary>A model's transform in numbers: pictures to its input size, samples to what the network sees.</summary>
internal sealed class PatchInput
{
    private readonly PatchModelConfig config;
    private readonly float[] table = new float[3 * 256];

    public PatchInput(PatchModelConfig config)
    {
        this.config = config;
        (Width, Height) = config.InputSize;
        for (var channel = 0; channel < 3; channel++)
        {
            // In float32 and in torchvision's order: divide by 255, subtract, divide.
            var (mean, std) = ((float)config.Transform.Mean[channel], (float)config.Transform.Std[channel]);
            for (var sample = 0; sample < 256; sample++)
            {
                var value = sample / 255f;
                table[(channel * 256) + sample] = config.Transform.Normalizes ? (value - mean) / std : value;
            }
        }
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>Resize.</summary>
    public void Prepare(RgbImage patch, RgbImage input)
    {
        var without = config.Transform is { Side: null, Width: null };
        var (width, height) = without ? (Width, Height) : config.Transform.Resized(patch.Width, patch.Height);
        if ((width, height) != (Width, Height) || (input.Width, input.Height) != (Width, Height))
        {
            throw new ArgumentException(
                $"A patch of {patch.Width} x {patch.Height} becomes {width} x {height} by the model's Resize, and {input.Width} x {input.Height} was prepared for it; the network takes {Width} x {Height}. Patches are squares.",
                nameof(patch));
        }

        AntialiasedResize.Resize(patch, input);
    }

    /// <summary>ToTensor and Normalize.</summary>
    /// <param name="picture">A picture of the input size.</param>
    /// <param name="target">Shape [Height, Width, 3].</param>
    public void Normalize(RgbImage picture, Span<float> target)
    {
        ReadOnlySpan<byte> pixels = picture.Pixels;
        ReadOnlySpan<float> red = table.AsSpan(0, 256), green = table.AsSpan(256, 256), blue = table.AsSpan(512, 256);
        target = target[..pixels.Length];
        for (var i = 0; i <= pixels.Length - 3; i += 3)
        {
            target[i] = red[pixels[i]];
            target[i + 1] = green[pixels[i + 1]];
            target[i + 2] = blue[pixels[i + 2]];
        }
    }
}
