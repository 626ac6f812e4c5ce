using Microtome.Imaging;

namespace Microtome.Server;

/// <summary>What happens to the pixels after they have been read: mirroring, quarter turns, quality.</summary>
internal static class IiifPicture
{
    /// <summary>Makes the picture of a request from the scaled region.</summary>
    public static RgbImage Apply(RgbImage image, IiifRequest request)
    {
        if (request.Mirror)
            image = Map(image, image.Width, image.Height, (x, y) => (image.Width - 1 - x, y));
        image = request.Quarters switch
        {
            1 => Map(image, image.Height, image.Width, (x, y) => (y, image.Height - 1 - x)),
            2 => Map(image, image.Width, image.Height, (x, y) => (image.Width - 1 - x, image.Height - 1 - y)),
            3 => Map(image, image.Height, image.Width, (x, y) => (image.Width - 1 - y, x)),
            _ => image,
        };
        if (request.Quality != "color")
            ToGrey(image.Pixels, request.Quality == "bitonal");
        return image;
    }

    private static RgbImage Map(RgbImage image, int width, int height, Func<int, int, (int X, int Y)> from)
    {
        var turned = new RgbImage(width, height);
        for (int y = 0; y < height; y++)
        {
            var row = turned.Row(y);
            for (int x = 0; x < width; x++)
            {
                var (u, v) = from(x, y);
                image.Row(v).Slice(3 * u, 3).CopyTo(row[(3 * x)..]);
            }
        }

        return turned;
    }

    // Luma of ITU-R BT.601, as JPEG has it; black below half.
    private static void ToGrey(Span<byte> pixels, bool bitonal)
    {
        for (int i = 0; i + 2 < pixels.Length; i += 3)
        {
            int luma = ((19595 * pixels[i]) + (38470 * pixels[i + 1]) + (7471 * pixels[i + 2]) + 32768) >> 16;
            byte value = bitonal ? (byte)(luma < 128 ? 0 : 255) : (byte)luma;
            pixels[i] = pixels[i + 1] = pixels[i + 2] = value;
        }
    }
}
