namespace Microtome.Torch;

/// <summary>An argument of an operator: anything that converts to it may stand in a call. Null is None.</summary>
internal readonly struct Argument
{
    internal readonly ValueKind Kind;
    internal readonly long Bits;
    internal readonly object? Reference;

    private Argument(ValueKind kind, long bits, object? reference)
    {
        Kind = kind;
        Bits = bits;
        Reference = reference;
    }

    /// <summary>The default that the operator's schema names.</summary>
    internal static Argument Default => new(ValueKind.Default, 0, null);
    internal static Argument None => default;

    private static Argument Of(ValueKind kind, object? value) => value is null ? default : new(kind, 0, value);

    public static implicit operator Argument(torch.Tensor? value) => Of(ValueKind.Tensor, value);
    public static implicit operator Argument(ObjectHandle? value) => Of(ValueKind.Object, value);
    public static implicit operator Argument(torch.Tensor?[]? value) => Of(ValueKind.Tensors, value);
    public static implicit operator Argument(long[]? value) => Of(ValueKind.Ints, value);
    public static implicit operator Argument(double[]? value) => Of(ValueKind.Doubles, value);
    public static implicit operator Argument(bool[]? value) => Of(ValueKind.Bools, value);
    public static implicit operator Argument(string? value) => Of(ValueKind.String, value);
    public static implicit operator Argument(int value) => new(ValueKind.Int, value, null);
    public static implicit operator Argument(long value) => new(ValueKind.Int, value, null);
    public static implicit operator Argument(long? value) => value is { } v ? v : default(Argument);
    public static implicit operator Argument(double value) => new(ValueKind.Double, BitConverter.DoubleToInt64Bits(value), null);
    public static implicit operator Argument(double? value) => value is { } v ? v : default(Argument);
    public static implicit operator Argument(bool value) => new(ValueKind.Bool, value ? 1 : 0, null);
    public static implicit operator Argument(bool? value) => value is { } v ? v : default(Argument);
    public static implicit operator Argument(Scalar value) => new(value.Kind, value.Bits, null);
    public static implicit operator Argument(Scalar? value) => value is { } v ? v : default(Argument);
    public static implicit operator Argument(torch.ScalarType value) => (long)value;
    public static implicit operator Argument(torch.ScalarType? value) => value is { } v ? (long)v : default(Argument);
    public static implicit operator Argument(torch.Device? value) => value is null ? default : new(ValueKind.Device, value.Code, null);
}
