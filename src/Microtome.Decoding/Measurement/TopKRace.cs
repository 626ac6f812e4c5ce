using System.Diagnostics;

namespace Microtome.Decoding;

/// <summary>The statistical threshold with its list of units against sorting the scores.</summary>
public static unsafe class TopKRace
{
    /// <summary>Seconds of each, the best of some turns.</summary>
    public static (double Threshold, double Sort) Run(int count, int k)
    {
        var kernel = Kernel.For(Machine.Best);
        var random = new Random(1);
        float[] scores = [.. Enumerable.Range(0, count).Select(_ => (float)RandomWeights.Normal(random))], copy = new float[count];
        var indices = new int[count];
        var factor = StatisticalTopK.Factor(k, count);
        double a = double.MaxValue, b = a;
        for (var turn = 0; turn < 20; turn++)
        {
            fixed (float* p = scores)
            fixed (int* q = indices)
            {
                var clock = Stopwatch.StartNew();
                for (var i = 0; i < 100; i++)
                    _ = kernel.Collect(p, count, kernel.Threshold(p, count, factor), q);
                a = Math.Min(a, clock.Elapsed.TotalSeconds / 100);
            }

            double spent = 0;
            for (var i = 0; i < 5; i++)
            {
                scores.CopyTo(copy, 0);
                var clock = Stopwatch.StartNew();
                Array.Sort(copy);
                spent += clock.Elapsed.TotalSeconds;
            }

            b = Math.Min(b, spent / 5);
        }

        return (a, b);
    }
}
