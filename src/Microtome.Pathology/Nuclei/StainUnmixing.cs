namespace Microtome.Pathology;

/// <summary>Optical densities of red, green and blue to amounts of stain.</summary>
internal static class StainUnmixing
{
    /// <summary>
    /// Rows: haematoxylin, eosin, the rest. Inverse of the unit vectors of Ruifrok and Johnston 2001 (H 0.650 0.704 0.286, E 0.072 0.990 0.105) with their
    /// cross product as the third.
    /// </summary>
    public static double[,] HaematoxylinEosin { get; } = Inverse([0.650, 0.704, 0.286], [0.072, 0.990, 0.105]);

    private static double[,] Inverse(double[] h, double[] e)
    {
        Normalise(h);
        Normalise(e);
        double[] r = [(h[1] * e[2]) - (h[2] * e[1]), (h[2] * e[0]) - (h[0] * e[2]), (h[0] * e[1]) - (h[1] * e[0])];
        Normalise(r);

        // density = amounts * M with the stains as rows of M; amounts = density * M^-1. The columns of the adjugate are cross products.
        var eXr = Cross(e, r);
        var rXh = Cross(r, h);
        var hXe = Cross(h, e);
        var determinant = (h[0] * eXr[0]) + (h[1] * eXr[1]) + (h[2] * eXr[2]);
        var result = new double[3, 3];
        for (var i = 0; i < 3; i++)
        {
            result[0, i] = eXr[i] / determinant;
            result[1, i] = rXh[i] / determinant;
            result[2, i] = hXe[i] / determinant;
        }

        return result;
    }

    private static double[] Cross(double[] a, double[] b) => [(a[1] * b[2]) - (a[2] * b[1]), (a[2] * b[0]) - (a[0] * b[2]), (a[0] * b[1]) - (a[1] * b[0])];

    private static void Normalise(double[] v)
    {
        var length = Math.Sqrt((v[0] * v[0]) + (v[1] * v[1]) + (v[2] * v[2]));
        for (var i = 0; i < 3; i++)
            v[i] /= length;
    }
}
