namespace Microtome.Pathology;

/// <summary>Cuts of the two maps.</summary>
public sealed record AlignmentOptions
{
    /// <summary>Cut of the published Inception-v4 lymphocyte maps; odd, but it belongs to that model.</summary>
    public const double InceptionTilThreshold = 0.1;

    /// <summary>Cut of the published VGG-16 lymphocyte maps.</summary>
    public const double Vgg16TilThreshold = 0.42;

    /// <summary>Cut of the published ResNet-34 lymphocyte maps, and of any model that says nothing else.</summary>
    public const double ResNet34TilThreshold = 0.5;

    /// <summary>Tumor from this probability on. Default 0.5.</summary>
    public double TumorThreshold { get; init; } = 0.5;

    /// <summary>Lymphocytes from this probability on. Default 0.5.</summary>
    public double TilThreshold { get; init; } = ResNet34TilThreshold;
}
