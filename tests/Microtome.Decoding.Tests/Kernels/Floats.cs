namespace Microtome.Decoding.Tests;

/// <summary>Random numbers and comparisons.</summary>
internal static class Floats
{
    public static float[] Normal(int count, Random random) => [.. Enumerable.Range(0, count).Select(_ => (float)Draw(random))];

    public static double Draw(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    public static void Close(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            if (!(Math.Abs(expected[i] - (double)actual[i]) <= tolerance * (1 + Math.Abs(expected[i]))))
                Assert.Fail($"element {i} of {expected.Length}: {actual[i]}, expected {expected[i]} within {tolerance}");
        }
    }
}
