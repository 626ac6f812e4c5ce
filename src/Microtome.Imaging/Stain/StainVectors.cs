namespace Microtome.Imaging;

/// <summary>
/// The colours of two stains as unit vectors of optical density (red, green, blue). The first is hematoxylin by convention.
/// </summary>
public sealed record StainVectors
{
    /// <summary>Makes the pair; each vector is scaled to unit length.</summary>
    /// <exception cref="ArgumentException">A vector has not three finite components, is zero, or both are parallel.</exception>
    public StainVectors(IReadOnlyList<double> first, IReadOnlyList<double> second)
    {
        First = Unit(first, nameof(first));
        Second = Unit(second, nameof(second));
        if (AngleDegrees < 0.01)
            throw new ArgumentException("The two stain vectors are parallel; no pixel can be divided between them.", nameof(second));
    }

    /// <summary>Hematoxylin and eosin (Ruifrok and Johnston, Anal Quant Cytol Histol 23:291, 2001, their table of OD vectors).</summary>
    public static StainVectors HematoxylinEosin { get; } = new([0.65, 0.70, 0.29], [0.07, 0.99, 0.11]);

    /// <summary>Hematoxylin and DAB (the same table).</summary>
    public static StainVectors HematoxylinDab { get; } = new([0.65, 0.70, 0.29], [0.27, 0.57, 0.78]);

    /// <summary>The first stain, unit length, shape [3].</summary>
    public IReadOnlyList<double> First { get; }

    /// <summary>The second stain, unit length, shape [3].</summary>
    public IReadOnlyList<double> Second { get; }

    /// <summary>The angle between the two, degrees.</summary>
    public double AngleDegrees => Math.Acos(Math.Clamp(Dot(First, Second), -1, 1)) * 180 / Math.PI;

    /// <summary>Rows that give the amounts of the stains from a density: the pseudo-inverse, least squares in the plane of both, shape [2][3].</summary>
    public double[][] PlanarUnmixing()
    {
        // (S S^T)^-1 S for unit rows S: the Gram matrix is [1 c; c 1].
        var c = Dot(First, Second);
        var d = 1 - (c * c);
        return [Row(First, Second), Row(Second, First)];

        double[] Row(IReadOnlyList<double> own, IReadOnlyList<double> other) => [.. own.Zip(other, (a, b) => (a - (c * b)) / d)];
    }

    /// <summary>The unit vector at right angles to both, shape [3]: the direction of what they do not explain.</summary>
    public double[] Normal()
        => Unit([(First[1] * Second[2]) - (First[2] * Second[1]), (First[2] * Second[0]) - (First[0] * Second[2]), (First[0] * Second[1]) - (First[1] * Second[0])], nameof(Second));

    private static double[] Unit(IReadOnlyList<double> v, string name)
    {
        var length = v.Count == 3 ? Math.Sqrt(Dot(v, v)) : double.NaN;
        if (!double.IsFinite(length) || length == 0)
            throw new ArgumentException($"A stain vector has three finite components and is not zero; given [{string.Join(", ", v)}].", name);
        return [v[0] / length, v[1] / length, v[2] / length];
    }

    private static double Dot(IReadOnlyList<double> a, IReadOnlyList<double> b) => (a[0] * b[0]) + (a[1] * b[1]) + (a[2] * b[2]);
}
