using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microtome.Decoding;

/// <summary>How fast this machine reads memory: a plain sum over a gigabyte and more, with prefetch; the better of four streams far apart and of four neighbouring ones.</summary>
internal sealed unsafe class ReadBandwidth : IDisposable
{
    private const int Blocks = 64;

    private readonly NativeBuffer data;
    private readonly Action<int> block;
    private readonly long[] sums = new long[Blocks];
    private long distance;

    public ReadBandwidth(long bytes)
    {
        data = new NativeBuffer(bytes / (Blocks * 32768) * (Blocks * 32768));
        RandomWeights.Fill(data.Data, data.Bytes / 2, WeightFormat.BFloat16, 1, 1);
        block = Block;
    }

    /// <summary>Bytes per second of the best of three passes.</summary>
    public double Pass(Engine engine)
    {
        var best = 0.0;
        foreach (var apart in (ReadOnlySpan<long>)[data.Bytes / Blocks / 4, 4096, 8192])
        {
            distance = apart;
            var clock = Stopwatch.StartNew();
            engine.Run(Blocks, block);
            best = Math.Max(best, data.Bytes / clock.Elapsed.TotalSeconds);
        }

        return best;
    }

    /// <inheritdoc/>
    public void Dispose() => data.Dispose();

    private void Block(int index)
    {
        var size = data.Bytes / Blocks / (4 * distance) * (4 * distance);
        var sum = 0L;
        for (long at = 0; at < size; at += 4 * distance)
            sum += Sum(data.Data + (index * (data.Bytes / Blocks)) + at, distance);
        sums[index] = sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static long Sum(byte* start, long quarter)
    {
        // At the end of four short streams the next four are asked for.
        Vector512<long> a = default, b = default, c = default, d = default;
        for (long i = 0; i < quarter; i += 64)
        {
            var p = start + i;
            if (Sse.IsSupported)
            {
                var ahead = p + 512 + (i + 512 < quarter ? 0 : 3 * quarter);
                Sse.Prefetch0(ahead);
                Sse.Prefetch0(ahead + quarter);
                Sse.Prefetch0(ahead + (2 * quarter));
                Sse.Prefetch0(ahead + (3 * quarter));
            }

            a += Vector512.Load((long*)p);
            b += Vector512.Load((long*)(p + quarter));
            c += Vector512.Load((long*)(p + (2 * quarter)));
            d += Vector512.Load((long*)(p + (3 * quarter)));
        }

        return Vector512.Sum(a + b + c + d);
    }
}
