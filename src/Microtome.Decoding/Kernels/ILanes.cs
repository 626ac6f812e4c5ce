namespace Microtome.Decoding;

/// <summary>
/// A vector of floats of one instruction set. Kernels are written once over this type and compiled for each of <see cref="Lanes512"/> (AVX-512), <see cref="Lanes256"/> (AVX2 with FMA)
/// and <see cref="Lanes128"/> (any machine), see <see cref="Instructions"/>.
/// </summary>
/// <typeparam name="T">The type itself.</typeparam>
internal unsafe interface ILanes<T>
    where T : struct, ILanes<T>
{
    /// <summary>Floats in a vector.</summary>
    static abstract int Count { get; }

    static abstract T Zero { get; }

    static abstract T All(float value);

    static abstract T Load(float* source);

    /// <summary>bfloat16 is the upper half of a float.</summary>
    static abstract T LoadBf16(ushort* source);

    static abstract T LoadI8(sbyte* source);

    static abstract void Store(T value, float* target);

    static abstract T Add(T a, T b);

    static abstract T Subtract(T a, T b);

    static abstract T Multiply(T a, T b);

    static abstract T Divide(T a, T b);

    static abstract T Max(T a, T b);

    static abstract T Min(T a, T b);

    /// <summary>a * b + c; rounded once where the machine can.</summary>
    static abstract T MultiplyAdd(T a, T b, T c);

    static abstract T Exp(T a);

    static abstract T Log(T a);

    /// <summary>The sum of the lanes, always in the same order.</summary>
    static abstract float Sum(T a);

    /// <summary>The largest lane.</summary>
    static abstract float Largest(T a);

    /// <summary>A bit for every lane of a that is greater than that of b.</summary>
    static abstract uint Greater(T a, T b);
}
