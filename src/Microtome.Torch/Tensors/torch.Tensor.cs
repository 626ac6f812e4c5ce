using System.Globalization;

namespace Microtome.Torch;

public static partial class torch
{
    /// <summary>
    /// An array of numbers with a shape, on a device, with a gradient if asked for. It owns native memory: dispose it, or make it inside a
    /// <see cref="DisposeScope"/>, which disposes it for you.
    /// </summary>
    public partial class Tensor : IDisposable
    {
        internal readonly TensorHandle handle;

        internal Tensor(nint pointer)
        {
            handle = new TensorHandle(pointer);
            DisposeScope.Innermost?.Add(this);
        }

        /// <summary>The scope that will dispose this tensor, if any.</summary>
        public DisposeScope? OwningScope { get; internal set; }

        /// <summary>True once the tensor was disposed.</summary>
        public bool IsInvalid => handle.IsClosed || handle.IsInvalid;

        /// <inheritdoc/>
        public void Dispose()
        {
            OwningScope?.Remove(this);
            handle.Dispose();
            GC.SuppressFinalize(this);
        }

        /// <summary>Hands the tensor to the scope around the one that owns it.</summary>
        public Tensor MoveToOuterDisposeScope()
        {
            OwningScope?.MoveToOuter(this);
            return this;
        }

        /// <summary>Takes the tensor out of its scope: whoever holds it disposes it.</summary>
        public Tensor DetachFromDisposeScope()
        {
            OwningScope?.Remove(this);
            return this;
        }

        /// <summary>Another object for the same native tensor, owned by the innermost scope.</summary>
        public Tensor alias()
        {
            NativeMethods.Check(NativeMethods.mt_tensor_alias(handle, out var result));
            return new Tensor(result);
        }

        public ScalarType dtype
        {
            get
            {
                NativeMethods.mt_tensor_describe(handle, out var type, out _, out _);
                return (ScalarType)type;
            }
        }

        public Device device
        {
            get
            {
                NativeMethods.mt_tensor_describe(handle, out _, out var code, out _);
                return Device.FromCode(code);
            }
        }

        public DeviceType device_type => device.type;
        public bool is_cpu => device_type == DeviceType.CPU;
        public bool is_cuda => device_type == DeviceType.CUDA;
        public long ndim => NativeMethods.mt_tensor_dims(handle);
        public long dim() => ndim;
        public long numel() => NativeMethods.mt_tensor_numel(handle);
        public long NumberOfElements => numel();
        public long element_size() => NativeMethods.mt_tensor_itemsize(handle);
        public bool is_floating_point() => IsFloatingPoint(dtype);

        public unsafe long[] shape
        {
            get
            {
                var sizes = new long[ndim];
                fixed (long* p = sizes)
                    NativeMethods.mt_tensor_sizes(handle, p);
                return sizes;
            }
        }

        public long[] size() => shape;

        public long size(long dim)
        {
            var sizes = shape;
            if (dim < -sizes.Length || dim >= sizes.Length)
                throw new ArgumentOutOfRangeException(nameof(dim), dim, $"A tensor of shape [{string.Join(", ", sizes)}] has dimensions {-sizes.Length} to {sizes.Length - 1}.");
            return sizes[dim < 0 ? dim + sizes.Length : dim];
        }

        public unsafe long[] stride()
        {
            var strides = new long[ndim];
            fixed (long* p = strides)
                NativeMethods.mt_tensor_strides(handle, p);
            return strides;
        }

        public long stride(long dim)
        {
            var strides = stride();
            return strides[dim < 0 ? dim + strides.Length : dim];
        }

        public bool is_contiguous(MemoryFormat memory_format = MemoryFormat.Contiguous) => NativeMethods.mt_tensor_is_contiguous(handle, (int)memory_format) != 0;

        /// <summary>True if both are one and the same native tensor (not merely equal).</summary>
        public bool is_same(Tensor other) => NativeMethods.mt_tensor_same(handle, other.handle) != 0;

        /// <summary>Type, shape, device and, for small tensors, the values.</summary>
        public override string ToString()
        {
            if (IsInvalid)
                return "disposed tensor";
            var head = $"[{string.Join("x", shape)}], type = {dtype}, device = {device}";
            if (numel() is 0 or > 64)
                return head;
            using var scope = NewDisposeScope();
            var values = detach().cpu().to(ScalarType.Float64).data<double>().ToArray();
            return $"{head}, values = [{string.Join(", ", values.Select(v => v.ToString("G6", CultureInfo.InvariantCulture)))}]";
        }
    }
}
