namespace Microtome.Torch;

public static partial class torch
{
    public static Tensor cat(IReadOnlyList<Tensor> tensors, long dim = 0) => Operator.Tensor("cat", AsArray(tensors), dim);
    public static Tensor stack(IReadOnlyList<Tensor> tensors, long dim = 0) => Operator.Tensor("stack", AsArray(tensors), dim);
    public static Tensor where(Tensor condition, Tensor x, Tensor y) => Operator.Tensor("where.self", condition, x, y);
    public static Tensor where(Tensor condition, Tensor x, Scalar y) => Operator.Tensor("where.ScalarOther", condition, x, y);
    public static Tensor where(Tensor condition, Scalar x, Tensor y) => Operator.Tensor("where.ScalarSelf", condition, x, y);
    public static Tensor[] meshgrid(IReadOnlyList<Tensor> tensors, string indexing = "ij") => Operator.Tensors("meshgrid.indexing", AsArray(tensors), indexing);
    public static Tensor[] broadcast_tensors(params Tensor[] tensors) => Operator.Tensors("broadcast_tensors", tensors);
    public static Tensor einsum(string equation, params Tensor[] tensors) => Operator.Tensor("einsum", equation, tensors);
    public static Tensor cdist(Tensor x1, Tensor x2, double p = 2) => Operator.Tensor("cdist", x1, x2, p);

    internal static Tensor[] AsArray(IReadOnlyList<Tensor> tensors) => tensors as Tensor[] ?? [.. tensors];

    public partial class Tensor
    {
        public static Tensor operator +(Tensor left, Tensor right) => left.add(right);
        public static Tensor operator +(Tensor left, Scalar right) => left.add(right);
        public static Tensor operator +(Scalar left, Tensor right) => right.add(left);
        public static Tensor operator -(Tensor left, Tensor right) => left.sub(right);
        public static Tensor operator -(Tensor left, Scalar right) => left.sub(right);
        public static Tensor operator -(Scalar left, Tensor right) => Operator.Tensor("rsub.Scalar", right, left);
        public static Tensor operator *(Tensor left, Tensor right) => left.mul(right);
        public static Tensor operator *(Tensor left, Scalar right) => left.mul(right);
        public static Tensor operator *(Scalar left, Tensor right) => right.mul(left);
        public static Tensor operator /(Tensor left, Tensor right) => left.div(right);
        public static Tensor operator /(Tensor left, Scalar right) => left.div(right);

        public static Tensor operator /(Scalar left, Tensor right)
        {
            using var inverse = right.reciprocal();
            return inverse.mul(left);
        }

        public static Tensor operator %(Tensor left, Tensor right) => left.remainder(right);
        public static Tensor operator %(Tensor left, Scalar right) => left.remainder(right);
        public static Tensor operator -(Tensor tensor) => tensor.neg();
        public static Tensor operator ~(Tensor tensor) => tensor.bitwise_not();
        public static Tensor operator &(Tensor left, Tensor right) => left.bitwise_and(right);
        public static Tensor operator |(Tensor left, Tensor right) => left.bitwise_or(right);
        public static Tensor operator ^(Tensor left, Tensor right) => left.bitwise_xor(right);
        public static Tensor operator <(Tensor left, Tensor right) => left.lt(right);
        public static Tensor operator <(Tensor left, Scalar right) => left.lt(right);
        public static Tensor operator <=(Tensor left, Tensor right) => left.le(right);
        public static Tensor operator <=(Tensor left, Scalar right) => left.le(right);
        public static Tensor operator >(Tensor left, Tensor right) => left.gt(right);
        public static Tensor operator >(Tensor left, Scalar right) => left.gt(right);
        public static Tensor operator >=(Tensor left, Tensor right) => left.ge(right);
        public static Tensor operator >=(Tensor left, Scalar right) => left.ge(right);

        public Tensor mean(long dimension, bool keepdim = false, ScalarType? type = null) => mean([dimension], keepdim, type);

        /// <summary>Exponential over its sum along <paramref name="dim"/>.</summary>
        public Tensor softmax(long dim, ScalarType? dtype = null) => Operator.Tensor("softmax.int", this, dim, dtype);
        public Tensor log_softmax(long dim, ScalarType? dtype = null) => Operator.Tensor("log_softmax.int", this, dim, dtype);
        public Tensor relu() => Operator.Tensor("relu", this);
        public Tensor relu_() => Operator.InPlace("relu_", this);

        /// <summary>The tensor with another type, on another device or in another memory order; itself when nothing changes.</summary>
        public Tensor to(ScalarType type, bool copy = false, bool non_blocking = false) => Operator.Tensor("to.dtype", this, type, non_blocking, copy);
        public Tensor to(Device device, bool copy = false, bool non_blocking = false) => Operator.Tensor("to.device", this, device, dtype, non_blocking, copy);
        public Tensor to(ScalarType type, Device device, bool copy = false, bool non_blocking = false) => Operator.Tensor("to.device", this, device, type, non_blocking, copy);
        public Tensor to(MemoryFormat memory_format) => Operator.Tensor("to.dtype", this, dtype, false, false, (long)memory_format);
        public Tensor to(DeviceType device_type) => to(new Device(device_type));
        public Tensor to(string device) => to(new Device(device));
        public Tensor type(ScalarType type) => to(type);
        public Tensor type_as(Tensor other) => to(other.dtype, other.device);
        public Tensor cpu() => to(CPU);
        public Tensor cuda(int index = -1) => to(new Device(DeviceType.CUDA, index));
        public Tensor @float() => to(ScalarType.Float32);
        public Tensor @double() => to(ScalarType.Float64);
        public Tensor half() => to(ScalarType.Float16);
        public Tensor @long() => to(ScalarType.Int64);
        public Tensor @int() => to(ScalarType.Int32);
        public Tensor @byte() => to(ScalarType.Byte);
        public Tensor @bool() => to(ScalarType.Bool);
    }

    public static Tensor mean(Tensor input, long dimension, bool keepdim = false, ScalarType? type = null) => input.mean([dimension], keepdim, type);
    public static Tensor softmax(Tensor input, long dim, ScalarType? dtype = null) => input.softmax(dim, dtype);
    public static Tensor log_softmax(Tensor input, long dim, ScalarType? dtype = null) => input.log_softmax(dim, dtype);
    public static Tensor relu(Tensor input) => input.relu();
}
