using System.Runtime.InteropServices;

namespace Microtome.Torch;

public static partial class torch
{
    public static unsafe partial class autograd
    {
        /// <summary>
        /// An operator with a backward of its own. <see cref="forward"/> runs without recording; <see cref="backward"/> gets the gradients of the
        /// outputs and gives those of the inputs. Make one object per <see cref="apply"/>: what the two share are its fields and
        /// <see cref="save_for_backward"/>.
        /// </summary>
        public abstract class Function
        {
            private readonly List<Tensor> saved = [];
            private bool applied;

            /// <summary>Computes the outputs. They must be new tensors, not the inputs themselves.</summary>
            protected abstract Tensor[] forward(Tensor[] inputs);

            /// <summary>Computes one gradient per input, or null where there is none. A gradient of an output is null if nothing depends on it.</summary>
            protected abstract Tensor?[] backward(Tensor?[] grad_outputs);

            /// <summary>Keeps the data of tensors until the graph is freed.</summary>
            protected void save_for_backward(params ReadOnlySpan<Tensor> tensors)
            {
                foreach (var tensor in tensors)
                    saved.Add(tensor.detach().DetachFromDisposeScope());
            }

            protected IReadOnlyList<Tensor> saved_tensors => saved;

            /// <summary>Runs the operator and records it.</summary>
            public Tensor[] apply(params Tensor[] inputs)
            {
                if (applied)
                    throw new InvalidOperationException($"{GetType().Name} was applied before: make a new object for each call.");
                applied = true;
                using var scope = NewDisposeScope();
                Tensor[] outputs;
                using (no_grad())
                    outputs = forward(inputs);
                if (!is_grad_enabled() || !Array.Exists(inputs, t => t.requires_grad))
                {
                    Free();
                    scope.MoveToOuter(outputs);
                    return outputs;
                }
                var results = new nint[outputs.Length];
                using var from = new BorrowedTensors(inputs);
                using var to = new BorrowedTensors(outputs);
                var context = GCHandle.ToIntPtr(GCHandle.Alloc(this));
                fixed (nint* i = from.Pointers, o = to.Pointers, r = results)
                    NativeMethods.Check(NativeMethods.mt_function_record(i, inputs.Length, o, outputs.Length, &Backward, &Release, context, r));
                var recorded = Array.ConvertAll(results, p => new Tensor(p));
                scope.MoveToOuter(recorded);
                return recorded;
            }

            private void Free()
            {
                foreach (var tensor in saved)
                    tensor.Dispose();
                saved.Clear();
            }

            [UnmanagedCallersOnly]
            private static int Backward(nint context, nint* gradients, int count, nint* results, int resultCount)
            {
                try
                {
                    var function = (Function)GCHandle.FromIntPtr(context).Target!;
                    using var scope = NewDisposeScope();
                    var given = new Tensor?[count];
                    for (var i = 0; i < count; i++)
                        given[i] = gradients[i] == 0 ? null : Adopt(gradients[i]);
                    var made = function.backward(given);
                    if (made.Length != resultCount)
                        throw new InvalidOperationException($"{function.GetType().Name}.backward gave {made.Length} gradients for {resultCount} inputs.");
                    for (var i = 0; i < resultCount; i++)
                        results[i] = made[i] is { } tensor ? AliasOf(tensor.handle) : 0;
                    return 0;
                }
                catch (Exception e)
                {
                    NativeMethods.mt_set_error($"{e.GetType().Name} in a C# backward: {e.Message}");
                    return 1;
                }
            }

            /// <summary>A reference of our own to a tensor that native code lends us.</summary>
            private static Tensor Adopt(nint borrowed)
            {
                using var lent = new BorrowedHandle(borrowed);
                return new Tensor(AliasOf(lent));
            }

            private static nint AliasOf(SafeHandle handle)
            {
                NativeMethods.Check(NativeMethods.mt_tensor_alias(handle, out var pointer));
                return pointer;
            }

            [UnmanagedCallersOnly]
            private static void Release(nint context)
            {
                var handle = GCHandle.FromIntPtr(context);
                ((Function)handle.Target!).Free();
                handle.Free();
            }
        }
    }
}
