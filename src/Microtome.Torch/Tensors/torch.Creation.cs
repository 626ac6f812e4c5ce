using System.Runtime.InteropServices;

namespace Microtome.Torch;

public static partial class torch
{
    private static Tensor Made(Tensor tensor, bool requires_grad) => requires_grad ? tensor.requires_grad_() : tensor;

    public static Tensor empty(params long[] size) => empty(size, null);
    public static Tensor zeros(params long[] size) => zeros(size, null);
    public static Tensor ones(params long[] size) => ones(size, null);
    public static Tensor rand(params long[] size) => rand(size, null);
    public static Tensor randn(params long[] size) => randn(size, null);

    public static Tensor empty(long[] size, ScalarType? dtype, Device? device = null, bool requires_grad = false, MemoryFormat? memory_format = null) =>
        Made(Operator.Tensor("empty.memory_format", size, dtype, Argument.None, device, Argument.None, memory_format is { } f ? (long)f : Argument.None), requires_grad);
    public static Tensor zeros(long[] size, ScalarType? dtype, Device? device = null, bool requires_grad = false) =>
        Made(Operator.Tensor("zeros", size, dtype, Argument.None, device), requires_grad);
    public static Tensor ones(long[] size, ScalarType? dtype, Device? device = null, bool requires_grad = false) =>
        Made(Operator.Tensor("ones", size, dtype, Argument.None, device), requires_grad);
    public static Tensor rand(long[] size, ScalarType? dtype, Device? device = null, bool requires_grad = false) =>
        Made(Operator.Tensor("rand", size, dtype, Argument.None, device), requires_grad);
    public static Tensor randn(long[] size, ScalarType? dtype, Device? device = null, bool requires_grad = false) =>
        Made(Operator.Tensor("randn", size, dtype, Argument.None, device), requires_grad);

    public static Tensor full(long[] size, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Made(Operator.Tensor("full", size, value, dtype, Argument.None, device), requires_grad);
    public static Tensor randint(long low, long high, long[] size, ScalarType? dtype = null, Device? device = null) =>
        Operator.Tensor("randint.low", low, high, size, dtype ?? ScalarType.Int64, Argument.None, device);
    public static Tensor randint(long high, long[] size, ScalarType? dtype = null, Device? device = null) => randint(0, high, size, dtype, device);
    public static Tensor randperm(long n, ScalarType? dtype = null, Device? device = null) =>
        Operator.Tensor("randperm", n, dtype ?? ScalarType.Int64, Argument.None, device);
    public static Tensor arange(Scalar start, Scalar stop, Scalar step, ScalarType? dtype = null, Device? device = null) =>
        Operator.Tensor("arange.start_step", start, stop, step, dtype, Argument.None, device);
    public static Tensor arange(Scalar start, Scalar stop, ScalarType? dtype = null, Device? device = null) => arange(start, stop, 1, dtype, device);
    public static Tensor arange(Scalar stop, ScalarType? dtype = null, Device? device = null) => arange(0, stop, 1, dtype, device);

    // without defaults, so that a literal 0 is a number and not the first element type
    public static Tensor arange(Scalar start, Scalar stop) => arange(start, stop, 1);
    public static Tensor arange(Scalar start, Scalar stop, Scalar step) => arange(start, stop, step, null);

    public static Tensor linspace(double start, double end, long steps, ScalarType? dtype = null, Device? device = null) =>
        Operator.Tensor("linspace", start, end, steps, dtype, Argument.None, device);
    public static Tensor logspace(double start, double end, long steps, double @base = 10, ScalarType? dtype = null, Device? device = null) =>
        Operator.Tensor("logspace", start, end, steps, @base, dtype, Argument.None, device);
    public static Tensor eye(long rows, long columns = -1, ScalarType? dtype = null, Device? device = null) =>
        Operator.Tensor("eye.m", rows, columns < 0 ? rows : columns, dtype, Argument.None, device);

    public static Tensor empty_like(Tensor input, ScalarType? dtype = null, Device? device = null) => Operator.Tensor("empty_like", input, dtype, Argument.None, device);
    public static Tensor zeros_like(Tensor input, ScalarType? dtype = null, Device? device = null) => Operator.Tensor("zeros_like", input, dtype, Argument.None, device);
    public static Tensor ones_like(Tensor input, ScalarType? dtype = null, Device? device = null) => Operator.Tensor("ones_like", input, dtype, Argument.None, device);
    public static Tensor full_like(Tensor input, Scalar value, ScalarType? dtype = null, Device? device = null) => Operator.Tensor("full_like", input, value, dtype, Argument.None, device);
    public static Tensor rand_like(Tensor input, ScalarType? dtype = null, Device? device = null) => Operator.Tensor("rand_like", input, dtype, Argument.None, device);
    public static Tensor randn_like(Tensor input, ScalarType? dtype = null, Device? device = null) => Operator.Tensor("randn_like", input, dtype, Argument.None, device);

    /// <summary>A tensor of the given shape with the given elements, copied. The element type follows from <typeparamref name="T"/> unless named.</summary>
    /// <exception cref="TorchException">The shape does not hold as many elements.</exception>
    public static unsafe Tensor tensor<T>(ReadOnlySpan<T> data, long[] dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
        where T : unmanaged
    {
        var own = ScalarTypeOf<T>();
        nint result;
        fixed (T* p = data)
        fixed (long* shape = dimensions)
            NativeMethods.Check(NativeMethods.mt_tensor_from_data(p, (long)data.Length * sizeof(T), shape, dimensions.Length, (int)own, (device ?? CPU).Code, out result));
        var made = new Tensor(result);
        if (dtype is { } wanted && wanted != own)
        {
            using var first = made;
            made = first.to(wanted);
        }
        return Made(made, requires_grad);
    }

    public static Tensor tensor<T>(T[] data, long[] dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
        where T : unmanaged => tensor((ReadOnlySpan<T>)data, dimensions, dtype, device, requires_grad);

    public static Tensor tensor<T>(T[] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
        where T : unmanaged => tensor((ReadOnlySpan<T>)data, [data.Length], dtype, device, requires_grad);

    /// <summary>A tensor without dimensions.</summary>
    public static Tensor tensor<T>(T scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
        where T : unmanaged => tensor([scalar], [], dtype, device, requires_grad);

    /// <summary>A tensor with the shape and elements of an array of any rank.</summary>
    public static Tensor from_array<T>(Array array, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
        where T : unmanaged
    {
        var shape = new long[array.Rank];
        for (var i = 0; i < shape.Length; i++)
            shape[i] = array.GetLongLength(i);
        var elements = MemoryMarshal.CreateReadOnlySpan(ref MemoryMarshal.GetArrayDataReference(array), array.Length * System.Runtime.CompilerServices.Unsafe.SizeOf<T>());
        if (array.GetType().GetElementType() != typeof(T))
            throw new ArgumentException($"The array holds {array.GetType().GetElementType()!.Name}, not {typeof(T).Name}.");
        return tensor(MemoryMarshal.Cast<byte, T>(elements), shape, dtype, device, requires_grad);
    }

    public static Tensor tensor(float[,] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => from_array<float>(data, dtype, device, requires_grad);
    public static Tensor tensor(float[,,] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => from_array<float>(data, dtype, device, requires_grad);
    public static Tensor tensor(float[,,,] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => from_array<float>(data, dtype, device, requires_grad);
    public static Tensor tensor(long[,] data, ScalarType? dtype = null, Device? device = null) => from_array<long>(data, dtype, device);

    /// <summary>A tensor of the given shape around raw bytes, copied.</summary>
    internal static unsafe Tensor FromBytes(ReadOnlySpan<byte> bytes, long[] shape, ScalarType dtype)
    {
        fixed (byte* p = bytes)
        fixed (long* sizes = shape)
        {
            NativeMethods.Check(NativeMethods.mt_tensor_from_data(p, bytes.Length, sizes, shape.Length, (int)dtype, CPU.Code, out var result));
            return new Tensor(result);
        }
    }
}
