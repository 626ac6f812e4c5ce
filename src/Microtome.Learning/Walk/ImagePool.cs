using Microtome.Imaging;

namespace Microtome.Learning;

/// <summary>Keeps a few images for reuse. Shapes differ at the border of the tissue, so it holds a bounded number and forgets the oldest.</summary>
internal sealed class ImagePool
{
    private const int Most = 8;
    private readonly LinkedList<RgbImage> free = [];

    public RgbImage Rent(int width, int height)
    {
        lock (free)
        {
            for (var node = free.Last; node is not null; node = node.Previous)
            {
                if (node.Value.Width == width && node.Value.Height == height)
                {
                    free.Remove(node);
                    return node.Value;
                }
            }
        }

        return new RgbImage(width, height);
    }

    public void Return(RgbImage image)
    {
        lock (free)
        {
            free.AddLast(image);
            if (free.Count > Most)
                free.RemoveFirst();
        }
    }
}
