namespace Microtome.Imaging;

/// <summary>
/// The l-alpha-beta space that Reinhard uses (Ruderman, Cronin and Chiao, J Opt Soc Am A 15:2036, 1998): RGB to LMS cone responses (matrix of
/// Reinhard 2001, equation 4), natural logarithm, decorrelation (equation 6). Grey values enter as 1..255, zero counts as one.
/// </summary>
internal static class Ruderman
{
    private static readonly double[,] s_toLms = { { 0.3811, 0.5783, 0.0402 }, { 0.1967, 0.7244, 0.0782 }, { 0.0241, 0.1288, 0.8444 } };
    private static readonly double[,] s_toRgb = Inverse(s_toLms);
    private static readonly double s_root3 = Math.Sqrt(3), s_root6 = Math.Sqrt(6), s_root2 = Math.Sqrt(2);

    /// <summary>From 8-bit RGB.</summary>
    public static (double L, double Alpha, double Beta) FromRgb(byte red, byte green, byte blue)
    {
        double r = Math.Max(red, (byte)1), g = Math.Max(green, (byte)1), b = Math.Max(blue, (byte)1);
        var l = Math.Log((s_toLms[0, 0] * r) + (s_toLms[0, 1] * g) + (s_toLms[0, 2] * b));
        var m = Math.Log((s_toLms[1, 0] * r) + (s_toLms[1, 1] * g) + (s_toLms[1, 2] * b));
        var s = Math.Log((s_toLms[2, 0] * r) + (s_toLms[2, 1] * g) + (s_toLms[2, 2] * b));
        return ((l + m + s) / s_root3, (l + m - (2 * s)) / s_root6, (l - m) / s_root2);
    }

    /// <summary>To RGB, not rounded, not limited.</summary>
    public static (double R, double G, double B) ToRgb(double l, double alpha, double beta)
    {
        double p = l / s_root3, q = alpha / s_root6, t = beta / s_root2;
        double cl = Math.Exp(p + q + t), cm = Math.Exp(p + q - t), cs = Math.Exp(p - (2 * q));
        return (
            (s_toRgb[0, 0] * cl) + (s_toRgb[0, 1] * cm) + (s_toRgb[0, 2] * cs),
            (s_toRgb[1, 0] * cl) + (s_toRgb[1, 1] * cm) + (s_toRgb[1, 2] * cs),
            (s_toRgb[2, 0] * cl) + (s_toRgb[2, 1] * cm) + (s_toRgb[2, 2] * cs));
    }

    private static double[,] Inverse(double[,] m)
    {
        var inverse = new double[3, 3];
        double Minor(int i, int j)
        {
            int a = (i + 1) % 3, b = (i + 2) % 3, c = (j + 1) % 3, d = (j + 2) % 3;
            return (m[a, c] * m[b, d]) - (m[a, d] * m[b, c]);
        }

        var determinant = (m[0, 0] * Minor(0, 0)) + (m[0, 1] * Minor(0, 1)) + (m[0, 2] * Minor(0, 2));
        for (var i = 0; i < 3; i++)
        {
            for (var j = 0; j < 3; j++)
                inverse[j, i] = Minor(i, j) / determinant;
        }

        return inverse;
    }
}
