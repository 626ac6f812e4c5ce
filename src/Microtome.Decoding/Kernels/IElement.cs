using System.Runtime.CompilerServices;

namespace Microtome.Decoding;

/// <summary>A stored weight, widened to float when it is read.</summary>
internal unsafe interface IElement
{
    /// <summary>Bytes of one.</summary>
    static abstract int Size { get; }

    static abstract T Load<T>(byte* source)
        where T : struct, ILanes<T>;

    static abstract float Scalar(byte* source);
}

/// <summary>bfloat16.</summary>
internal readonly unsafe struct ElementBf16 : IElement
{
    public static int Size => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Load<T>(byte* source)
        where T : struct, ILanes<T> => T.LoadBf16((ushort*)source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Scalar(byte* source) => BitConverter.Int32BitsToSingle(*(ushort*)source << 16);
}

/// <summary>Single precision.</summary>
internal readonly unsafe struct ElementF32 : IElement
{
    public static int Size => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Load<T>(byte* source)
        where T : struct, ILanes<T> => T.Load((float*)source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Scalar(byte* source) => *(float*)source;
}

/// <summary>A signed byte; the factor of its row is applied by the caller.</summary>
internal readonly unsafe struct ElementI8 : IElement
{
    public static int Size => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Load<T>(byte* source)
        where T : struct, ILanes<T> => T.LoadI8((sbyte*)source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Scalar(byte* source) => *(sbyte*)source;
}
