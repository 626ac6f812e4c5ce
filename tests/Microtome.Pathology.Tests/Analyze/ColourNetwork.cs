using Microtome.Imaging;
using Microtome.Learning;

namespace Microtome.Pathology.Tests;

/// <summary>A network that calls the synthetic slide's dark violet nucleus: exact, without context, and countable.</summary>
internal sealed class ColourNetwork(ColourNetwork.Counter counter) : ITileNetwork
{
    public string Name => "colour";

    public double Mpp => 0.25;

    public int WindowMultiple => 32;

    public int Halo => 64;

    public int Channels => 2;

    public static NucleusModel Model(Counter? counter = null) =>
        new("colour", "0123456789abcdef", 0.25, new NucleusPostprocessingOptions(), NetworkPrecision.Float32, 1, () => new ColourNetwork(counter ?? new Counter()));

    public void Predict(IReadOnlyList<RgbImage> windows, IReadOnlyList<ByteMaps> maps)
    {
        counter.Count();
        for (int i = 0; i < windows.Count; i++)
        {
            var pixels = windows[i].Pixels;
            for (int p = 0; p < windows[i].Width * windows[i].Height; p++)
            {
                byte value = pixels[p * 3] < 150 && pixels[(p * 3) + 1] < 110 ? (byte)255 : (byte)0;
                maps[i].Samples[p] = value;
                maps[i].Samples[p + (windows[i].Width * windows[i].Height)] = value;
            }
        }
    }

    public void Dispose()
    {
    }

    /// <summary>Counts the calls, and can stop at one of them.</summary>
    internal sealed class Counter
    {
        public int Calls { get; private set; }

        public int FailAt { get; init; } = int.MaxValue;

        /// <summary>What goes wrong in a call, counted from 1.</summary>
        public Func<int, Exception?>? Fails { get; init; }

        public CancellationTokenSource? CancelAtFailure { get; init; }

        public void Count()
        {
            bool early = ++Calls < FailAt;
            if (Fails?.Invoke(Calls) is { } failure)
                throw failure;
            if (early)
                return;
            if (CancelAtFailure is null)
                throw new IOException("stopped on purpose");
            CancelAtFailure.Cancel();
        }
    }
}
