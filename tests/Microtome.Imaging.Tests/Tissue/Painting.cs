namespace Microtome.Imaging.Tests.Tissue;

/// <summary>Thumbnails at 8 um per pixel with tissue of known shape: noise, uneven light, dust and a hair as on real glass.</summary>
internal sealed class Painting
{
    private readonly Random _random;

    public Painting(int width, int height, (int R, int G, int B) glass, int seed)
    {
        _random = new Random(seed);
        Image = new RgbImage(width, height);
        Truth = new Raster<byte>(width, height);
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var shade = 4.0 * (((double)x / width) - 0.5) * (((double)y / height) - 0.5);
                Set(x, y, glass.R + (3 * shade), glass.G + (3 * shade), glass.B + (3 * shade), 2);
            }
        }
    }

    public RgbImage Image { get; }

    public Raster<byte> Truth { get; }

    /// <summary>Paints tissue where a smooth random field is high; its colour varies between two.</summary>
    public Painting Tissue(double share, double sigma, (int R, int G, int B) dense, (int R, int G, int B) loose)
    {
        var field = Field(sigma);
        var texture = Field(1.5);
        var sorted = field.Samples.Order().ToArray();
        var limit = sorted[(int)((1 - share) * (sorted.Length - 1))];
        var (low, high) = (texture.Samples.Min(), texture.Samples.Max());
        for (var y = 0; y < Image.Height; y++)
        {
            for (var x = 0; x < Image.Width; x++)
            {
                if (field[x, y] < limit)
                    continue;
                Truth[x, y] = 1;
                var t = (texture[x, y] - low) / (high - low);
                Set(x, y, loose.R + (t * (dense.R - loose.R)), loose.G + (t * (dense.G - loose.G)), loose.B + (t * (dense.B - loose.B)), 3);
            }
        }

        return this;
    }

    /// <summary>A core of a needle biopsy: a thin wavy strip.</summary>
    public Painting Strip(double halfWidth, (int R, int G, int B) color, double phase)
    {
        for (var y = 0; y < Image.Height; y++)
        {
            for (var x = Image.Width / 10; x < Image.Width * 9 / 10; x++)
            {
                var middle = (Image.Height * phase) + (6 * Math.Sin(x / 25.0));
                if (Math.Abs(y + 0.5 - middle) > halfWidth + (1.5 * Math.Sin(x / 7.0)))
                    continue;
                Truth[x, y] = 1;
                Set(x, y, color.R, color.G, color.B, 12);
            }
        }

        return this;
    }

    /// <summary>Grey specks, a grey hair and a grey edge: none is tissue.</summary>
    public Painting Dirt()
    {
        for (var i = 0; i < 60; i++)
            Disk(_random.Next(Image.Width), _random.Next(Image.Height), 1 + _random.Next(2), (120, 120, 122), tissue: false);
        for (var x = 0; x < Image.Width; x++)
        {
            Disk(x, (int)(Image.Height * (0.3 + (0.2 * Math.Sin(x / 40.0)))), 1, (150, 150, 150), tissue: false);
            for (var y = 0; y < 4; y++)
                Set(x, y, 100, 100, 102, 3);
        }

        return this;
    }

    public Painting Disk(int cx, int cy, int radius, (int R, int G, int B) color, bool tissue)
    {
        for (var y = Math.Max(0, cy - radius); y <= Math.Min(Image.Height - 1, cy + radius); y++)
        {
            for (var x = Math.Max(0, cx - radius); x <= Math.Min(Image.Width - 1, cx + radius); x++)
            {
                if (((x - cx) * (x - cx)) + ((y - cy) * (y - cy)) > radius * radius || (!tissue && Truth[x, y] == 1 && radius < 6))
                    continue;
                Set(x, y, color.R, color.G, color.B, 4);
                Truth[x, y] = tissue ? (byte)1 : (byte)0;
            }
        }

        return this;
    }

    public PaintedSlide Slide() => PaintedSlide.At(8, Image);

    public double Dice(Raster<byte> mask)
    {
        long both = 0, sum = 0;
        for (var i = 0; i < mask.Samples.Length; i++)
        {
            both += mask.Samples[i] & Truth.Samples[i];
            sum += mask.Samples[i] + Truth.Samples[i];
        }

        return sum == 0 ? 1 : 2.0 * both / sum;
    }

    private Raster<float> Field(double sigma)
    {
        var noise = new Raster<float>(Image.Width, Image.Height);
        for (var i = 0; i < noise.Samples.Length; i++)
            noise.Samples[i] = (float)(_random.NextDouble() - 0.5);
        return GaussianBlur.Apply(noise, sigma);
    }

    private void Set(int x, int y, double r, double g, double b, double noise)
    {
        var i = ((y * Image.Width) + x) * 3;
        Image.Pixels[i] = Byte(r + Noise());
        Image.Pixels[i + 1] = Byte(g + Noise());
        Image.Pixels[i + 2] = Byte(b + Noise());

        double Noise() => noise * ((2 * _random.NextDouble()) - 1);
        static byte Byte(double v) => (byte)Math.Clamp(Math.Round(v), 0, 255);
    }
}
