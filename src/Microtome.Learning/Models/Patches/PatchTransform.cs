namespace Microtome.Learning.Models;

/// <summary>What is done to a patch before the network sees it: Resize, ToTensor (0..255 to 0..1), Normalize; torchvision's meanings.</summary>
public sealed record PatchTransform
{
    /// <summary>The shorter side after Resize, pixels, when its size is one number; the longer side keeps the shape. Null: see <see cref="Width"/>.</summary>
    public int? Side { get; init; }

    /// <summary>Width after Resize, when its size is [height, width]. Null with <see cref="Side"/> null too: no Resize.</summary>
    public int? Width { get; init; }

    /// <summary>Height after Resize, when its size is [height, width].</summary>
    public int? Height { get; init; }

    /// <summary>Whether Normalize is part of it.</summary>
    public bool Normalizes { get; init; } = true;

    /// <summary>Subtracted from the samples (0..1), red, green, blue.</summary>
    public IReadOnlyList<double> Mean { get; init; } = [0, 0, 0];

    /// <summary>What the differences are divided by, red, green, blue.</summary>
    public IReadOnlyList<double> Std { get; init; } = [1, 1, 1];

    /// <summary>The size that a picture gets: torchvision's rule, with its rounding down of the longer side.</summary>
    /// <param name="width">Width of the patch, pixels.</param>
    /// <param name="height">Height of the patch, pixels.</param>
    public (int Width, int Height) Resized(int width, int height)
    {
        if (Width is { } w && Height is { } h)
            return (w, h);
        if (Side is not { } side)
            return (width, height);
        return width <= height ? (side, (int)((long)side * height / width)) : ((int)((long)side * width / height), side);
    }
}
