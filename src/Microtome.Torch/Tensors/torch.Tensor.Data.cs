namespace Microtome.Torch;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>The elements, read or written in the order of the shape.</summary>
        /// <exception cref="ArgumentException"><typeparamref name="T"/> is not the tensor's element type.</exception>
        public TensorAccessor<T> data<T>()
            where T : unmanaged
        {
            CheckType<T>();
            return new TensorAccessor<T>(this);
        }

        /// <summary>The value of a tensor with one element, converted to <typeparamref name="T"/>.</summary>
        public T item<T>()
            where T : unmanaged
        {
            var value = Operator.Scalar("item", this);
            if (typeof(T) == typeof(float)) return (T)(object)value.ToSingle();
            if (typeof(T) == typeof(double)) return (T)(object)value.ToDouble();
            if (typeof(T) == typeof(long)) return (T)(object)value.ToInt64();
            if (typeof(T) == typeof(int)) return (T)(object)value.ToInt32();
            if (typeof(T) == typeof(byte)) return (T)(object)checked((byte)value.ToInt64());
            if (typeof(T) == typeof(bool)) return (T)(object)value.ToBoolean();
            throw new ArgumentException($"item<{typeof(T).Name}>: use float, double, long, int, byte or bool.");
        }

        public float ToSingle() => item<float>();
        public double ToDouble() => item<double>();
        public long ToInt64() => item<long>();
        public int ToInt32() => item<int>();
        public bool ToBoolean() => item<bool>();

        /// <summary>
        /// The tensor's own memory. Only for a contiguous tensor on the CPU; the span is valid while the tensor lives.
        /// </summary>
        public unsafe Span<T> AsSpan<T>()
            where T : unmanaged
        {
            CheckType<T>();
            if (!is_cpu || !is_contiguous())
                throw new InvalidOperationException($"AsSpan needs a contiguous tensor on the CPU, this is {this}: call cpu().contiguous() or CopyTo.");
            NativeMethods.Check(NativeMethods.mt_tensor_data_ptr(handle, out var pointer));
            return new Span<T>((void*)pointer, checked((int)numel()));
        }

        /// <summary>The tensor's memory in whatever order it lies there ([N, H, W, C] for channels_last). Only on the CPU and without gaps.</summary>
        public unsafe Span<T> AsMemorySpan<T>()
            where T : unmanaged
        {
            CheckType<T>();
            var dense = is_contiguous() || (ndim == 4 && is_contiguous(MemoryFormat.ChannelsLast)) || (ndim == 5 && is_contiguous(MemoryFormat.ChannelsLast3d));
            if (!is_cpu || !dense)
                throw new InvalidOperationException($"AsMemorySpan needs a dense tensor on the CPU, this is {this}.");
            NativeMethods.Check(NativeMethods.mt_tensor_data_ptr(handle, out var pointer));
            return new Span<T>((void*)pointer, checked((int)numel()));
        }

        /// <summary>Copies the elements out, in the order of the shape, from any device and any memory order.</summary>
        public unsafe void CopyTo<T>(Span<T> destination)
            where T : unmanaged
        {
            CheckType<T>();
            fixed (T* p = destination)
                NativeMethods.Check(NativeMethods.mt_tensor_copy_out(handle, p, (long)destination.Length * sizeof(T)));
        }

        /// <summary>Copies elements in, given in the order of the shape.</summary>
        public unsafe void CopyFrom<T>(ReadOnlySpan<T> source)
            where T : unmanaged
        {
            CheckType<T>();
            fixed (T* p = source)
                NativeMethods.Check(NativeMethods.mt_tensor_copy_in(handle, p, (long)source.Length * sizeof(T)));
        }

        /// <summary>The elements as bytes, copied, in the order of the shape.</summary>
        public unsafe byte[] ToBytes()
        {
            var bytes = new byte[numel() * element_size()];
            fixed (byte* p = bytes)
                NativeMethods.Check(NativeMethods.mt_tensor_copy_out(handle, p, bytes.Length));
            return bytes;
        }

        private void CheckType<T>()
            where T : unmanaged
        {
            // The whole numbers of a quantized tensor are bytes.
            var held = dtype switch { ScalarType.QUInt8 => ScalarType.Byte, ScalarType.QInt8 => ScalarType.Int8, var other => other };
            if (ScalarTypeOf<T>() != held)
                throw new ArgumentException($"The tensor holds {dtype}, not {typeof(T).Name}: convert it first with to(...).");
        }
    }
}
