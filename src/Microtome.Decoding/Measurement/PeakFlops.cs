using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Microtome.Decoding;

/// <summary>The most floating-point operations a second that the kernels' instruction set gives: multiply-adds in registers, twelve sums side by side.</summary>
public static unsafe class PeakFlops
{
    /// <summary>Operations a second of all threads; the best of some turns.</summary>
    public static double Measure(int threads)
    {
        using var pool = new WorkerPool(threads);
        var results = new float[threads];
        const int Steps = 4_000_000;
        var best = 0.0;
        for (var turn = 0; turn < 8; turn++)
        {
            var clock = Stopwatch.StartNew();
            var lanes = 0;
            pool.Run(threads, i =>
            {
                lanes = Machine.Best switch { Instructions.Avx512 => 16, Instructions.Avx2 => 8, _ => 4 };
                results[i] = Machine.Best switch
                {
                    Instructions.Avx512 => Chain<Lanes512>(Steps),
                    Instructions.Avx2 => Chain<Lanes256>(Steps),
                    _ => Chain<Lanes128>(Steps),
                };
            });
            best = Math.Max(best, 2.0 * 12 * lanes * Steps * threads / clock.Elapsed.TotalSeconds);
        }

        return best;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Chain<T>(int steps)
        where T : struct, ILanes<T>
    {
        T a = T.All(1), b = a, c = a, d = a, e = a, f = a, g = a, h = a, i = a, j = a, k = a, l = a;
        T x = T.All(0.999f), y = T.All(1e-3f);
        for (var n = 0; n < steps; n++)
        {
            a = T.MultiplyAdd(a, x, y);
            b = T.MultiplyAdd(b, x, y);
            c = T.MultiplyAdd(c, x, y);
            d = T.MultiplyAdd(d, x, y);
            e = T.MultiplyAdd(e, x, y);
            f = T.MultiplyAdd(f, x, y);
            g = T.MultiplyAdd(g, x, y);
            h = T.MultiplyAdd(h, x, y);
            i = T.MultiplyAdd(i, x, y);
            j = T.MultiplyAdd(j, x, y);
            k = T.MultiplyAdd(k, x, y);
            l = T.MultiplyAdd(l, x, y);
        }

        return T.Sum(T.Add(T.Add(T.Add(a, b), T.Add(c, d)), T.Add(T.Add(T.Add(e, f), T.Add(g, h)), T.Add(T.Add(i, j), T.Add(k, l)))));
    }
}
