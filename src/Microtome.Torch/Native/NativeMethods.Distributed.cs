using System.Runtime.InteropServices;

namespace Microtome.Torch;

// Process groups: distributed.cpp.
internal static unsafe partial class NativeMethods
{
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] internal static partial int mt_distributed_is_available(string backend);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int mt_distributed_init(string backend, string address, int port, int rank, int size, long timeoutMs);
    [LibraryImport(Library)] internal static partial int mt_distributed_destroy();
    [LibraryImport(Library)] internal static partial int mt_distributed_rank();
    [LibraryImport(Library)] internal static partial int mt_distributed_size();
    [LibraryImport(Library)] internal static partial int mt_distributed_all_reduce(TensorHandle tensor, int reduction);
    [LibraryImport(Library)] internal static partial int mt_distributed_broadcast(TensorHandle tensor, int source);
    [LibraryImport(Library)] internal static partial int mt_distributed_all_gather(nint* outputs, int count, TensorHandle input);
    [LibraryImport(Library)] internal static partial int mt_distributed_reduce_scatter(TensorHandle output, nint* inputs, int count, int reduction);
    [LibraryImport(Library)] internal static partial int mt_distributed_all_to_all(TensorHandle output, TensorHandle input, long* outputSizes, long* inputSizes, int count);
    [LibraryImport(Library)] internal static partial int mt_distributed_send(TensorHandle tensor, int destination, int tag);
    [LibraryImport(Library)] internal static partial int mt_distributed_recv(TensorHandle tensor, int source, int tag);
    [LibraryImport(Library)] internal static partial int mt_distributed_barrier();
    [LibraryImport(Library)] internal static partial int mt_distributed_average_gradients(nint* parameters, int count);
}
