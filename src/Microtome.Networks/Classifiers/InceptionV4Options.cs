namespace Microtome.Networks;

/// <summary>The shape of an <see cref="InceptionV4"/>.</summary>
public sealed record InceptionV4Options
{
    /// <summary>True for batch norm behind every convolution, false for biases instead (the published TIL network).</summary>
    public bool BatchNorm { get; init; } = true;

    /// <summary>Part of the averaged features that training drops: 0 in the published PyTorch code, 0.2 in the paper (section 3.1).</summary>
    public double Dropout { get; init; }

    /// <summary>Logits.</summary>
    public int Classes { get; init; } = 2;

    /// <summary>Checks every value and names all that are wrong.</summary>
    /// <exception cref="ArgumentException">A value is out of range.</exception>
    public void Validate()
    {
        var errors = new List<string>();
        if (Dropout is not (>= 0 and < 1))
            errors.Add(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"dropout {Dropout}: 0 to below 1"));
        if (Classes < 1)
            errors.Add($"classes {Classes}: at least 1");
        if (errors.Count > 0)
            throw new ArgumentException("An Inception-v4 cannot be built: " + string.Join("; ", errors) + ".");
    }
}
