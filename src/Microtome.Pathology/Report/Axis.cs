using System.Globalization;

namespace Microtome.Pathology;

/// <summary>Round numbers along an axis.</summary>
internal static class Axis
{
    /// <summary>The round step (1, 2 or 5 times a power of ten) that gives about <paramref name="count"/> steps up to <paramref name="end"/>.</summary>
    public static double Step(double end, int count)
    {
        double raw = end / count, power = Math.Pow(10, Math.Floor(Math.Log10(raw))), share = raw / power;
        return power * (share < 1.5 ? 1 : share < 3.5 ? 2 : share < 7.5 ? 5 : 10);
    }

    /// <summary>The largest round length (1, 2 or 5 times a power of ten) of at most <paramref name="most"/>.</summary>
    public static double RoundLength(double most)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(most))), share = most / power;
        return power * (share >= 5 ? 5 : share >= 2 ? 2 : 1);
    }

    /// <summary>A number for people: thousands apart, no needless digits.</summary>
    public static string Text(double value, int digits = 3)
    {
        if (value == 0 || !double.IsFinite(value))
            return "0";
        int whole = (int)Math.Floor(Math.Log10(Math.Abs(value))) + 1;
        int decimals = Math.Clamp(digits - whole, 0, 6);
        return Math.Round(value, decimals).ToString(whole > 3 ? "#,##0" : "0." + new string('#', decimals), CultureInfo.InvariantCulture);
    }
}
