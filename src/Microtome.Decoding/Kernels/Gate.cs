using System.Runtime.CompilerServices;

namespace Microtome.Decoding;

/// <summary>The nonlinearities of gated feed-forward layers: GELU in the tanh form, and SiLU.</summary>
internal static unsafe class Gate
{
    private const float Root = 0.7978845608f;
    private const float Cube = 0.044715f;

    /// <summary>The specification: x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))).</summary>
    public static double Gelu(double x) => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x))));

    /// <summary>The specification: x / (1 + exp(-x)).</summary>
    public static double Silu(double x) => x / (1 + Math.Exp(-x));

    /// <summary>(1 + tanh(u))/2 = 1/(1 + exp(-2u)), so both are x/(1 + exp(-v)).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Gelu(float x) => x / (1 + MathF.Exp(-2 * Root * (x + (Cube * x * x * x))));

    /// <summary>a[i] = f(a[i]) b[i].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply<T>(float* a, float* b, int count, bool gelu)
        where T : struct, ILanes<T>
    {
        var i = 0;
        for (; i + T.Count <= count; i += T.Count)
            T.Store(T.Multiply(Apply(T.Load(a + i), gelu), T.Load(b + i)), a + i);
        for (; i < count; i++)
            a[i] = (gelu ? Gelu(a[i]) : a[i] / (1 + MathF.Exp(-a[i]))) * b[i];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Apply<T>(T x, bool gelu)
        where T : struct, ILanes<T>
    {
        var v = x;
        if (gelu)
        {
            var cubed = T.Multiply(T.Multiply(x, x), x);
            v = T.Multiply(T.All(2 * Root), T.MultiplyAdd(T.All(Cube), cubed, x));
        }

        // Beyond +-80 the answer is x or 0 in single precision, and exp must not overflow.
        v = T.Max(T.Min(v, T.All(80)), T.All(-80));
        return T.Divide(T.Max(x, T.All(-100)), T.Add(T.All(1), T.Exp(T.Subtract(T.Zero, v))));
    }
}
