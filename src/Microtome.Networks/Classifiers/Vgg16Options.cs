namespace Microtome.Networks;

/// <summary>The shape of a <see cref="Vgg16"/>.</summary>
public sealed record Vgg16Options
{
    /// <summary>Units of the hidden linear layers: two of 4096 in the paper, one of 1024 in the variant of WSInfer.</summary>
    public IReadOnlyList<int> Hidden { get; init; } = [4096, 4096];

    /// <summary>Part of the hidden units that training drops.</summary>
    public double Dropout { get; init; } = 0.5;

    /// <summary>Logits.</summary>
    public int Classes { get; init; } = 2;

    /// <summary>VGG-16 of arXiv 1409.1556 (configuration D).</summary>
    public static Vgg16Options Original { get; } = new();

    /// <summary>The variant with one hidden layer (Le et al., Am J Pathol 2020, table 3), as small as in WSInfer's weights.</summary>
    public static Vgg16Options Modified { get; } = new() { Hidden = [1024] };

    /// <summary>Checks every value and names all that are wrong.</summary>
    /// <exception cref="ArgumentException">A value is out of range.</exception>
    public void Validate()
    {
        var errors = new List<string>();
        if (Hidden.Any(units => units < 1))
            errors.Add($"hidden [{string.Join(", ", Hidden)}]: positive numbers");
        if (Dropout is not (>= 0 and < 1))
            errors.Add(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"dropout {Dropout}: 0 to below 1"));
        if (Classes < 1)
            errors.Add($"classes {Classes}: at least 1");
        if (errors.Count > 0)
            throw new ArgumentException("A VGG-16 cannot be built: " + string.Join("; ", errors) + ".");
    }
}
