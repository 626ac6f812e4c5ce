using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Microtome.Torch;

/// <summary>
/// Calls libtorch's operators by their ATen name: <c>Operator.Tensor("conv2d", input, weight, bias)</c>. A name with several overloads is
/// written with the overload ("sum.dim_IntList"). To add an operator to the library, add one such line to the class that offers it.
/// </summary>
internal static unsafe class Operator
{
    private static readonly ConcurrentDictionary<string, nint> known = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<string, byte> absent = new(StringComparer.Ordinal);

    /// <summary>Calls an operator that returns one tensor.</summary>
    internal static torch.Tensor Tensor(string name, params ReadOnlySpan<Argument> args) => TensorAt(Invoke(name, args), 0);

    /// <summary>Calls an operator that returns an object of one of libtorch's classes.</summary>
    internal static ObjectHandle Object(string name, params ReadOnlySpan<Argument> args) => new(Invoke(name, args)[0].Pointer);

    /// <summary>Calls an operator that returns two tensors.</summary>
    internal static (torch.Tensor, torch.Tensor) Two(string name, params ReadOnlySpan<Argument> args)
    {
        var results = Invoke(name, args);
        return (TensorAt(results, 0), TensorAt(results, 1));
    }

    /// <summary>Calls an operator that returns three tensors.</summary>
    internal static (torch.Tensor, torch.Tensor, torch.Tensor) Three(string name, params ReadOnlySpan<Argument> args)
    {
        var results = Invoke(name, args);
        return (TensorAt(results, 0), TensorAt(results, 1), TensorAt(results, 2));
    }

    /// <summary>Calls an operator that returns four tensors.</summary>
    internal static (torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor) Four(string name, params ReadOnlySpan<Argument> args)
    {
        var results = Invoke(name, args);
        return (TensorAt(results, 0), TensorAt(results, 1), TensorAt(results, 2), TensorAt(results, 3));
    }

    /// <summary>Calls an operator that returns a list of tensors.</summary>
    internal static torch.Tensor[] Tensors(string name, params ReadOnlySpan<Argument> args)
    {
        var results = Invoke(name, args);
        var list = new torch.Tensor[results.Length];
        for (var i = 0; i < list.Length; i++)
            list[i] = TensorAt(results, i);
        return list;
    }

    /// <summary>Calls an operator that changes <paramref name="self"/>, and returns that same object.</summary>
    internal static torch.Tensor InPlace(string name, torch.Tensor self, params ReadOnlySpan<Argument> args)
    {
        Span<Argument> all = new Argument[args.Length + 1];
        all[0] = self;
        args.CopyTo(all[1..]);
        foreach (ref readonly var value in Invoke(name, all))
            if (value.Kind == (long)ValueKind.Tensor)
                NativeMethods.mt_tensor_free(value.Pointer);
        return self;
    }

    internal static bool Bool(string name, params ReadOnlySpan<Argument> args) => Invoke(name, args)[0].Integer != 0;

    internal static Scalar Scalar(string name, params ReadOnlySpan<Argument> args)
    {
        var value = Invoke(name, args)[0];
        return (ValueKind)value.Kind switch
        {
            ValueKind.Double => value.Real,
            ValueKind.Bool => value.Integer != 0,
            _ => value.Integer,
        };
    }

    /// <summary>True if this release of libtorch has the operator.</summary>
    internal static bool Exists(string name) => known.ContainsKey(name) || (!absent.ContainsKey(name) && Look(name));

    private static bool Look(string name)
    {
        if (NativeMethods.mt_operator_find(name, out var handle) == 0)
        {
            known.TryAdd(name, handle);
            return true;
        }
        absent.TryAdd(name, 0);
        return false;
    }

    private static torch.Tensor TensorAt(ReadOnlySpan<NativeValue> results, int index) => new(results[index].Pointer);

    private static nint Find(string name)
    {
        if (known.IsEmpty)
            NativeMethods.CheckAbi();
        return known.GetOrAdd(name, static key =>
        {
            NativeMethods.Check(NativeMethods.mt_operator_find(key, out var handle));
            return handle;
        });
    }

    /// <summary>The results live until the next call on this thread.</summary>
    [SkipLocalsInit]
    private static ReadOnlySpan<NativeValue> Invoke(string name, ReadOnlySpan<Argument> args)
    {
        var op = known.TryGetValue(name, out var found) ? found : Find(name);
        var values = stackalloc NativeValue[args.Length];
        var room = 0;
        foreach (ref readonly var arg in args)
            room += Room(arg);
        Span<byte> scratch = room <= 1024 ? stackalloc byte[1024] : new byte[room];
        var held = 0;
        fixed (byte* start = scratch)
        {
            try
            {
                var free = start;
                for (var i = 0; i < args.Length; i++)
                {
                    held = i + 1;
                    Fill(ref values[i], args[i], ref free);
                }
                NativeMethods.Check(NativeMethods.mt_operator_call(op, values, args.Length, out var results, out var count));
                return new ReadOnlySpan<NativeValue>(results, count);
            }
            finally
            {
                for (var i = 0; i < held; i++)
                    Release(values[i], args[i]);
            }
        }
    }

    private static int Room(in Argument arg) => arg.Reference switch
    {
        long[] list => list.Length * 8,
        double[] list => list.Length * 8,
        torch.Tensor?[] list => list.Length * 8,
        bool[] list => (list.Length + 7) / 8 * 8,
        string text => (Encoding.UTF8.GetMaxByteCount(text.Length) + 7) / 8 * 8,
        _ => 0,
    };

    private static void Fill(ref NativeValue value, in Argument arg, ref byte* free)
    {
        value.Kind = (long)arg.Kind;
        value.Count = 0;
        value.Integer = arg.Bits;
        switch (arg.Reference)
        {
            case torch.Tensor tensor:
                value.Pointer = 0;
                value.Pointer = tensor.handle.Borrow();
                return;
            case ObjectHandle held:
                value.Pointer = 0;
                value.Pointer = held.Borrow();
                return;
            case torch.Tensor?[] list:
                var pointers = (nint*)free;
                value.Pointer = (nint)free;
                foreach (var tensor in list)
                {
                    pointers[value.Count] = tensor is null ? 0 : tensor.handle.Borrow();
                    value.Count++;
                }
                free += list.Length * 8;
                return;
            case long[] list:
                Copy<long>(ref value, list, ref free);
                return;
            case double[] list:
                Copy<double>(ref value, list, ref free);
                return;
            case bool[] list:
                Copy<bool>(ref value, list, ref free);
                return;
            case string text:
                value.Pointer = (nint)free;
                value.Count = Encoding.UTF8.GetBytes(text, new Span<byte>(free, Encoding.UTF8.GetMaxByteCount(text.Length)));
                free += (value.Count + 7) / 8 * 8;
                return;
        }
    }

    private static void Copy<T>(ref NativeValue value, T[] list, ref byte* free)
        where T : unmanaged
    {
        value.Pointer = (nint)free;
        value.Count = list.Length;
        list.CopyTo(new Span<T>(free, list.Length));
        free += (list.Length * sizeof(T) + 7) / 8 * 8;
    }

    private static void Release(in NativeValue value, in Argument arg)
    {
        if (arg.Reference is torch.Tensor tensor && value.Pointer != 0)
            tensor.handle.Return();
        else if (arg.Reference is ObjectHandle held && value.Pointer != 0)
            held.Return();
        else if (arg.Reference is torch.Tensor?[] list)
            for (var i = 0; i < value.Count; i++)
                list[i]?.handle.Return();
    }
}
