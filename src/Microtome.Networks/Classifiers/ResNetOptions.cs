namespace Microtome.Networks;

/// <summary>The shape of a <see cref="ResNet"/>.</summary>
public sealed record ResNetOptions
{
    /// <summary>Blocks of the four stages; 3, 4, 6, 3 is ResNet-34 (table 1 of arXiv 1512.03385).</summary>
    public IReadOnlyList<int> Blocks { get; init; } = [3, 4, 6, 3];

    /// <summary>True for blocks of 1x1, 3x3 and 1x1 convolutions with four times the channels at their end (ResNet-50 and deeper).</summary>
    public bool Bottleneck { get; init; }

    /// <summary>Logits.</summary>
    public int Classes { get; init; } = 2;

    /// <summary>ResNet-18.</summary>
    public static ResNetOptions ResNet18 { get; } = new() { Blocks = [2, 2, 2, 2] };

    /// <summary>ResNet-34.</summary>
    public static ResNetOptions ResNet34 { get; } = new();

    /// <summary>ResNet-50.</summary>
    public static ResNetOptions ResNet50 { get; } = new() { Bottleneck = true };

    /// <summary>Checks every value and names all that are wrong.</summary>
    /// <exception cref="ArgumentException">A value is out of range.</exception>
    public void Validate()
    {
        var errors = new List<string>();
        if (Blocks.Count != 4 || Blocks.Any(count => count < 1))
            errors.Add($"blocks [{string.Join(", ", Blocks)}]: four positive numbers");
        if (Classes < 1)
            errors.Add($"classes {Classes}: at least 1");
        if (errors.Count > 0)
            throw new ArgumentException("A ResNet cannot be built: " + string.Join("; ", errors) + ".");
    }
}
