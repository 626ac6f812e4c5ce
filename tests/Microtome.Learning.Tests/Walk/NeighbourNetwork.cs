using Microtome.Imaging;

namespace Microtome.Learning.Tests;

/// <summary>A network that looks <see cref="Reach"/> pixels to each side: map 0 is the red sample itself, map 1 mixes the samples at that distance.</summary>
internal sealed class NeighbourNetwork : ITileNetwork
{
    public const int Reach = 40;

    public string Name => "neighbour";

    public double Mpp => 0.25;

    public int WindowMultiple => 32;

    public int Halo => 64;

    public int Channels => 2;

    public int Workers { get; init; } = 1;

    public List<int> Batches { get; } = [];

    public bool Disposed { get; private set; }

    public Action? BeforePredict { get; init; }

    public void Predict(IReadOnlyList<RgbImage> windows, IReadOnlyList<ByteMaps> maps)
    {
        BeforePredict?.Invoke();
        lock (Batches)
            Batches.Add(windows.Count);
        for (int i = 0; i < windows.Count; i++)
        {
            var image = windows[i];
            Assert.Equal(0, image.Width % WindowMultiple);
            Assert.Equal(0, image.Height % WindowMultiple);
            for (int y = 0; y < image.Height; y++)
            {
                for (int x = 0; x < image.Width; x++)
                {
                    maps[i].Row(0, y)[x] = image.Row(y)[x * 3];
                    maps[i].Row(1, y)[x] = (byte)(At(image, x - Reach, y) + (3 * At(image, x + Reach, y)) + (5 * At(image, x, y - Reach)) + (7 * At(image, x, y + Reach)));
                }
            }
        }
    }

    public void Dispose() => Disposed = true;

    // Beyond the window the network sees white, as beyond the slide.
    private static int At(RgbImage image, int x, int y) =>
        x < 0 || y < 0 || x >= image.Width || y >= image.Height ? 255 : image.Row(y)[(x * 3) + 1];
}
