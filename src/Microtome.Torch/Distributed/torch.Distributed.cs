namespace Microtome.Torch;

public static partial class torch
{
    /// <summary>
    /// Several processes that compute together: libtorch's own process groups, Gloo between CPUs and NCCL between GPUs. Every process must
    /// make the same calls in the same order. Calls return when their result is there.
    /// </summary>
    public static unsafe class distributed
    {
        /// <summary>How long a call waits for the other processes unless said otherwise.</summary>
        public static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(30);

        /// <summary>True if this libtorch has any process groups at all.</summary>
        public static bool is_available() => is_gloo_available() || is_nccl_available();
        public static bool is_gloo_available() => NativeMethods.mt_distributed_is_available("gloo") != 0;
        public static bool is_nccl_available() => NativeMethods.mt_distributed_is_available("nccl") != 0;
        public static bool is_initialized() => NativeMethods.mt_distributed_size() > 0;

        /// <summary>Joins the group; returns when all have come.</summary>
        /// <param name="backend">"gloo" or "nccl".</param>
        /// <param name="place">Who and where; read from the environment when absent.</param>
        /// <param name="timeout">How long any call may wait for the others.</param>
        /// <exception cref="ArgumentException">The backend is unknown, or the environment does not say who this process is.</exception>
        /// <exception cref="TorchException">This libtorch lacks the backend, or the others did not come in time.</exception>
        public static void init_process_group(string backend = "gloo", Rendezvous? place = null, TimeSpan? timeout = null)
        {
            if (backend is not ("gloo" or "nccl"))
                throw new ArgumentException($"There is no process group backend '{backend}': gloo works between CPUs, nccl between GPUs.");
            if (NativeMethods.mt_distributed_is_available(backend) == 0)
                throw new TorchException($"The libtorch that is loaded ({__version__}) has no process groups of the kind '{backend}'. Build against one that has them (MICROTOME_TORCH).");
            place ??= Rendezvous.FromEnvironment();
            NativeMethods.Check(NativeMethods.mt_distributed_init(backend, place.Address, place.Port, place.Rank, place.WorldSize,
                (long)(timeout ?? DefaultTimeout).TotalMilliseconds));
        }

        /// <summary>Leaves the group. Harmless without one.</summary>
        public static void destroy_process_group() => NativeMethods.Check(NativeMethods.mt_distributed_destroy());

        /// <summary>This process, from 0; 0 without a group.</summary>
        public static int get_rank() => Math.Max(0, NativeMethods.mt_distributed_rank());

        /// <summary>Number of processes; 1 without a group.</summary>
        public static int get_world_size() => Math.Max(1, NativeMethods.mt_distributed_size());

        /// <summary>Combines the tensors of all processes, in place.</summary>
        public static void all_reduce(Tensor tensor, ReduceOp op = ReduceOp.SUM) => NativeMethods.Check(NativeMethods.mt_distributed_all_reduce(tensor.handle, (int)op));

        /// <summary>Copies the tensor of process <paramref name="src"/> to all others, in place.</summary>
        public static void broadcast(Tensor tensor, int src) => NativeMethods.Check(NativeMethods.mt_distributed_broadcast(tensor.handle, src));

        /// <summary>Fills one tensor per process with what that process gave.</summary>
        public static void all_gather(IReadOnlyList<Tensor> tensor_list, Tensor tensor)
        {
            using var outputs = new BorrowedTensors(tensor_list);
            fixed (nint* p = outputs.Pointers)
                NativeMethods.Check(NativeMethods.mt_distributed_all_gather(p, tensor_list.Count, tensor.handle));
        }

        /// <summary>Combines the lists of all processes entry by entry; each process keeps the entry of its own rank.</summary>
        public static void reduce_scatter(Tensor output, IReadOnlyList<Tensor> input_list, ReduceOp op = ReduceOp.SUM)
        {
            using var inputs = new BorrowedTensors(input_list);
            fixed (nint* p = inputs.Pointers)
                NativeMethods.Check(NativeMethods.mt_distributed_reduce_scatter(output.handle, p, input_list.Count, (int)op));
        }

        /// <summary>Sends part i of the input's first dimension to process i and lines up what comes from each. Equal parts unless sizes are given.</summary>
        public static void all_to_all_single(Tensor output, Tensor input, long[]? output_split_sizes = null, long[]? input_split_sizes = null)
        {
            long[] to = output_split_sizes ?? [], from = input_split_sizes ?? [];
            if (to.Length != from.Length)
                throw new ArgumentException($"Give both lists of sizes or neither: {to.Length} output sizes and {from.Length} input sizes.");
            fixed (long* a = to, b = from)
                NativeMethods.Check(NativeMethods.mt_distributed_all_to_all(output.handle, input.handle, a, b, to.Length));
        }

        public static void send(Tensor tensor, int dst, int tag = 0) => NativeMethods.Check(NativeMethods.mt_distributed_send(tensor.handle, dst, tag));
        public static void recv(Tensor tensor, int src, int tag = 0) => NativeMethods.Check(NativeMethods.mt_distributed_recv(tensor.handle, src, tag));

        /// <summary>Waits until all processes are here.</summary>
        public static void barrier() => NativeMethods.Check(NativeMethods.mt_distributed_barrier());

        /// <summary>
        /// Data parallel training in one line: after backward, each gradient becomes the mean over the processes (one message for all
        /// parameters). Nothing happens without a group. A parameter that got no gradient here counts as zero.
        /// </summary>
        public static void average_gradients(IEnumerable<Tensor> parameters)
        {
            if (!is_initialized())
                return;
            using var list = new BorrowedTensors([.. parameters]);
            fixed (nint* p = list.Pointers)
                NativeMethods.Check(NativeMethods.mt_distributed_average_gradients(p, list.Pointers.Length));
        }
    }
}
