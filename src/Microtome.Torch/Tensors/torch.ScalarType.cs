namespace Microtome.Torch;

public static partial class torch
{
    public const ScalarType uint8 = ScalarType.Byte;
    public const ScalarType int8 = ScalarType.Int8;
    public const ScalarType int16 = ScalarType.Int16;
    public const ScalarType int32 = ScalarType.Int32;
    public const ScalarType int64 = ScalarType.Int64;
    public const ScalarType float16 = ScalarType.Float16;
    public const ScalarType float32 = ScalarType.Float32;
    public const ScalarType float64 = ScalarType.Float64;
    public const ScalarType bfloat16 = ScalarType.BFloat16;
    public const ScalarType @bool = ScalarType.Bool;

    /// <summary>Type of an element, with libtorch's numbers.</summary>
    public enum ScalarType
    {
        Byte = 0,
        Int8 = 1,
        Int16 = 2,
        Int32 = 3,
        Int64 = 4,
        Float16 = 5,
        Float32 = 6,
        Float64 = 7,
        Bool = 11,
        QInt8 = 12,
        QUInt8 = 13,
        QInt32 = 14,
        BFloat16 = 15,
    }

    /// <summary>Order of the elements in memory, with libtorch's numbers.</summary>
    public enum MemoryFormat
    {
        Contiguous = 0,
        Preserve = 1,
        /// <summary>[N, H, W, C] in memory: the fast one for 2-D convolutions on the CPU.</summary>
        ChannelsLast = 2,
        ChannelsLast3d = 3,
    }

    public const MemoryFormat contiguous_format = MemoryFormat.Contiguous;
    public const MemoryFormat preserve_format = MemoryFormat.Preserve;
    public const MemoryFormat channels_last = MemoryFormat.ChannelsLast;
    public const MemoryFormat channels_last_3d = MemoryFormat.ChannelsLast3d;

    internal static ScalarType ScalarTypeOf<T>()
        where T : unmanaged
    {
        if (typeof(T) == typeof(float)) return ScalarType.Float32;
        if (typeof(T) == typeof(double)) return ScalarType.Float64;
        if (typeof(T) == typeof(Half)) return ScalarType.Float16;
        if (typeof(T) == typeof(byte)) return ScalarType.Byte;
        if (typeof(T) == typeof(sbyte)) return ScalarType.Int8;
        if (typeof(T) == typeof(short)) return ScalarType.Int16;
        if (typeof(T) == typeof(int)) return ScalarType.Int32;
        if (typeof(T) == typeof(long)) return ScalarType.Int64;
        if (typeof(T) == typeof(bool)) return ScalarType.Bool;
        throw new ArgumentException($"A tensor cannot hold {typeof(T).Name}: use float, double, Half, byte, sbyte, short, int, long or bool.");
    }

    internal static int SizeOf(ScalarType type) => type switch
    {
        ScalarType.Byte or ScalarType.Int8 or ScalarType.Bool or ScalarType.QInt8 or ScalarType.QUInt8 => 1,
        ScalarType.Int16 or ScalarType.Float16 or ScalarType.BFloat16 => 2,
        ScalarType.Int32 or ScalarType.Float32 or ScalarType.QInt32 => 4,
        _ => 8,
    };

    internal static bool IsFloatingPoint(ScalarType type) => type is ScalarType.Float16 or ScalarType.Float32 or ScalarType.Float64 or ScalarType.BFloat16;
}
