namespace Microtome.Torch;

public static partial class torch
{
    /// <summary>Values as whole numbers of a step: q = round(x / scale) + zero_point, cut off at the ends of the type.</summary>
    public static Tensor quantize_per_tensor(Tensor input, double scale, long zero_point, ScalarType dtype) =>
        Operator.Tensor("quantize_per_tensor", input, scale, zero_point, dtype);

    /// <summary>The same with a step and a zero for each slice along an axis.</summary>
    public static Tensor quantize_per_channel(Tensor input, Tensor scales, Tensor zero_points, long axis, ScalarType dtype) =>
        Operator.Tensor("quantize_per_channel", input, scales, zero_points, axis, dtype);

    /// <summary>A quantized tensor of bytes that are its whole numbers already.</summary>
    public static Tensor _make_per_tensor_quantized_tensor(Tensor input, double scale, long zero_point) =>
        Operator.Tensor("_make_per_tensor_quantized_tensor", input, scale, zero_point);

    /// <summary>A quantized tensor without values; fill it through <see cref="Tensor.AsMemorySpan{T}"/>.</summary>
    public static Tensor _empty_affine_quantized(long[] size, double scale, long zero_point, ScalarType dtype = ScalarType.QUInt8, MemoryFormat memory_format = MemoryFormat.Contiguous) =>
        Operator.Tensor("_empty_affine_quantized", size, dtype, Argument.None, Argument.None, Argument.None, scale, zero_point, (long)memory_format);

    /// <summary>The sum of two quantized tensors of the same type.</summary>
    public static Tensor quantized_add(Tensor left, Tensor right, double scale, long zero_point) =>
        Operator.Tensor("quantized::add", left, right, scale, zero_point);

    public partial class Tensor
    {
        /// <summary>The values of a quantized tensor as float32.</summary>
        public Tensor dequantize() => Operator.Tensor("dequantize.self", this);

        /// <summary>The whole numbers of a quantized tensor.</summary>
        public Tensor int_repr() => Operator.Tensor("int_repr", this);

        public double q_scale() => Operator.Scalar("q_scale", this).ToDouble();

        public long q_zero_point() => Operator.Scalar("q_zero_point", this).ToInt64();
    }

    public static partial class backends
    {
        /// <summary>The engine of the quantized operators: names as in PyTorch ("onednn", "fbgemm", "x86").</summary>
        public static class quantized
        {
            /// <summary>True if this libtorch has the engine.</summary>
            public static bool is_supported(string engine) => NativeMethods.mt_quantized_engine_exists(engine) != 0;

            /// <summary>Chooses the engine of all weights that are packed from now on.</summary>
            /// <exception cref="TorchException">This libtorch has no such engine.</exception>
            public static void set_engine(string engine) => NativeMethods.Check(NativeMethods.mt_set_quantized_engine(engine));
        }
    }
}
