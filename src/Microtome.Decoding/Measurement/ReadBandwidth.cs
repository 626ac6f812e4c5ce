using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Microtome.Decoding;

/// <summary>
/// How fast this machine reads memory: a plain sum of bfloat16 over a gigabyte and more, in four streams with prefetch. (A sum of whole registers does less with each line and is slower: it overtakes its own prefetches.)
/// </summary>
internal sealed unsafe class ReadBandwidth : IDisposable
{
    // Runs of no round length: streams a power of two apart would meet in the same sets of the caches.
    private const int Run = 63 << 10;
    private const int Ahead = 2048;

    private readonly NativeBuffer data;
    private readonly Action<int> block;
    private readonly float[] sums;
    private Instructions instructions;

    public ReadBandwidth(long bytes)
    {
        sums = new float[bytes / (4 * Run)];
        data = new NativeBuffer(sums.Length * 4L * Run);
        RandomWeights.Fill(data.Data, data.Bytes / 2, WeightFormat.BFloat16, 1, 1);
        block = Block;
    }

    /// <summary>Bytes per second of one pass.</summary>
    public double Pass(Engine engine)
    {
        instructions = Machine.Best;
        var clock = Stopwatch.StartNew();
        engine.Run(sums.Length, block);
        return data.Bytes / clock.Elapsed.TotalSeconds;
    }

    /// <inheritdoc/>
    public void Dispose() => data.Dispose();

    private void Block(int index)
    {
        var start = data.Data + (index * 4L * Run);
        sums[index] = instructions switch
        {
            Instructions.Avx512 => Sum<Lanes512>(start),
            Instructions.Avx2 => Sum<Lanes256>(start),
            _ => Sum<Lanes128>(start),
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Sum<T>(byte* start)
        where T : struct, ILanes<T>
    {
        T a = T.Zero, b = T.Zero, c = T.Zero, d = T.Zero;
        for (long i = 0; i < Run; i += 64)
        {
            var p = start + i;
            if (Sse.IsSupported)
            {
                Sse.Prefetch0(p + Ahead);
                Sse.Prefetch0(p + Run + Ahead);
                Sse.Prefetch0(p + (2 * Run) + Ahead);
                Sse.Prefetch0(p + (3 * Run) + Ahead);
            }

            for (var at = (ushort*)p; at < p + 64; at += T.Count)
            {
                a = T.Add(a, T.LoadBf16(at));
                b = T.Add(b, T.LoadBf16(at + (Run / 2)));
                c = T.Add(c, T.LoadBf16(at + Run));
                d = T.Add(d, T.LoadBf16(at + (3 * Run / 2)));
            }
        }

        return T.Sum(T.Add(T.Add(a, b), T.Add(c, d)));
    }
}
