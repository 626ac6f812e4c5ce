namespace Microtome.Torch;

/// <summary>A number handed to an operator: whole, real or truth value. Numbers convert to it by themselves.</summary>
public readonly struct Scalar
{
    internal readonly ValueKind Kind;
    internal readonly long Bits;

    private Scalar(ValueKind kind, long bits)
    {
        Kind = kind;
        Bits = bits;
    }

    public static implicit operator Scalar(int value) => new(ValueKind.Int, value);
    public static implicit operator Scalar(long value) => new(ValueKind.Int, value);
    public static implicit operator Scalar(float value) => (double)value;
    public static implicit operator Scalar(double value) => new(ValueKind.Double, BitConverter.DoubleToInt64Bits(value));
    public static implicit operator Scalar(bool value) => new(ValueKind.Bool, value ? 1 : 0);

    public double ToDouble() => Kind == ValueKind.Double ? BitConverter.Int64BitsToDouble(Bits) : Bits;
    public float ToSingle() => (float)ToDouble();
    public long ToInt64() => Kind == ValueKind.Double ? (long)BitConverter.Int64BitsToDouble(Bits) : Bits;
    public int ToInt32() => checked((int)ToInt64());
    public bool ToBoolean() => Kind == ValueKind.Double ? BitConverter.Int64BitsToDouble(Bits) != 0 : Bits != 0;

    public override string ToString() => Kind == ValueKind.Double ? ToDouble().ToString("R", null) : Kind == ValueKind.Bool ? ToBoolean().ToString() : Bits.ToString(null, null);
}
