using Microtome.Imaging;
using Microtome.Learning;

namespace Microtome.Pathology;

/// <summary>
/// A picture with known nuclei: ellipses with semi-axes of 6 to 14 px that may touch and overlap by at most 15 %, as in section 10 of the nuclei method page.
/// For tests, benchmarks and experiments; the same seed gives the same picture.
/// </summary>
public sealed class SyntheticNuclei
{
    private readonly List<Ellipse> _ellipses = [];

    /// <summary>Places the nuclei.</summary>
    /// <param name="width">Width, pixels of 0.25 um.</param>
    /// <param name="height">Height, pixels.</param>
    /// <param name="count">How many to try to place; a nucleus that finds no room in 30 draws is left out.</param>
    /// <param name="seed">Seed.</param>
    public SyntheticNuclei(int width, int height, int count, int seed)
    {
        var random = new Random(seed);
        Labels = new Raster<int>(width, height);
        Values = new Raster<float>(width, height);
        for (var i = 0; i < count; i++)
        {
            for (var attempt = 0; attempt < 30; attempt++)
            {
                var ellipse = new Ellipse(
                    random.NextDouble() * width, random.NextDouble() * height, 6 + (8 * random.NextDouble()), 6 + (8 * random.NextDouble()), Math.PI * random.NextDouble());
                if (!TryPlace(ellipse))
                    continue;
                _ellipses.Add(ellipse);
                break;
            }
        }
    }

    /// <summary>The true labels.</summary>
    public Raster<int> Labels { get; }

    /// <summary>The ideal normalised distance: 1 at the centre of a nucleus, 0 at its border.</summary>
    public Raster<float> Values { get; }

    /// <summary>Number of nuclei.</summary>
    public int Count => _ellipses.Count;

    /// <summary>The centres in pixels, in the order of the labels.</summary>
    public IReadOnlyList<(double X, double Y)> Centres => [.. _ellipses.Select(e => (e.X, e.Y))];

    /// <summary>Maps as a good network would give them: soft edges, noise, a dip of the foreground where nuclei touch.</summary>
    /// <param name="seed">Seed of the noise.</param>
    /// <param name="noise">Standard deviation of the noise.</param>
    /// <param name="contact">Foreground probability where two nuclei touch.</param>
    public ByteMaps Maps(int seed = 0, double noise = 0.03, double contact = 0.6)
    {
        var (width, height) = (Labels.Width, Labels.Height);
        var foreground = new Raster<float>(width, height);
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var label = Labels[x, y];
                foreground[x, y] = label == 0 ? 0.05f : Touches(x, y, label) ? (float)contact : 0.92f;
            }
        }

        foreground = GaussianBlur.Apply(foreground, 1.2);
        var distance = GaussianBlur.Apply(Values, 0.8);
        var random = new Random(seed);
        var maps = new ByteMaps(2, width, height);
        for (var i = 0; i < foreground.Samples.Length; i++)
        {
            foreground.Samples[i] += (float)((random.NextDouble() - 0.5) * noise * 3.46);
            distance.Samples[i] += (float)((random.NextDouble() - 0.5) * noise * 3.46);
        }

        NucleusMaps.Quantise(foreground.Samples, maps.Channel(NucleusMaps.Foreground));
        NucleusMaps.Quantise(distance.Samples, maps.Channel(NucleusMaps.Distance));
        return maps;
    }

    /// <summary>The picture that would show them: haematoxylin in the nuclei, eosin around them (optical densities of Ruifrok and Johnston 2001).</summary>
    public RgbImage Picture(int seed = 0)
    {
        var random = new Random(seed);
        var image = new RgbImage(Labels.Width, Labels.Height);
        for (var i = 0; i < Labels.Samples.Length; i++)
        {
            var h = (Labels.Samples[i] == 0 ? 0.08 : 0.9) + (0.1 * random.NextDouble());
            var e = (Labels.Samples[i] == 0 ? 0.35 : 0.15) + (0.05 * random.NextDouble());
            image.Pixels[3 * i] = Byte((0.650 * h) + (0.072 * e));
            image.Pixels[(3 * i) + 1] = Byte((0.704 * h) + (0.990 * e));
            image.Pixels[(3 * i) + 2] = Byte((0.286 * h) + (0.105 * e));
        }

        return image;

        static byte Byte(double density) => (byte)Math.Round(255 * Math.Pow(10, -density));
    }

    private bool Touches(int x, int y, int label)
    {
        for (var v = Math.Max(0, y - 1); v <= Math.Min(Labels.Height - 1, y + 1); v++)
        {
            for (var u = Math.Max(0, x - 1); u <= Math.Min(Labels.Width - 1, x + 1); u++)
            {
                if (Labels[u, v] != 0 && Labels[u, v] != label)
                    return true;
            }
        }

        return false;
    }

    private bool TryPlace(Ellipse e)
    {
        var reach = Math.Max(e.A, e.B);
        int left = Math.Max(0, (int)(e.X - reach)), right = Math.Min(Labels.Width - 1, (int)(e.X + reach));
        int top = Math.Max(0, (int)(e.Y - reach)), bottom = Math.Min(Labels.Height - 1, (int)(e.Y + reach));
        int inside = 0, taken = 0;
        for (var y = top; y <= bottom; y++)
        {
            for (var x = left; x <= right; x++)
            {
                if (e.Depth(x, y) <= 0)
                    continue;
                inside++;
                if (Labels[x, y] != 0)
                    taken++;
            }
        }

        if (inside == 0 || taken > 0.15 * inside)
            return false;
        var label = _ellipses.Count + 1;
        for (var y = top; y <= bottom; y++)
        {
            for (var x = left; x <= right; x++)
            {
                var depth = e.Depth(x, y);
                if (depth <= 0 || Labels[x, y] != 0)
                    continue;
                Labels[x, y] = label;
                Values[x, y] = (float)depth;
            }
        }

        return true;
    }

    private readonly record struct Ellipse(double X, double Y, double A, double B, double Angle)
    {
        public double Depth(int x, int y)
        {
            var (dx, dy) = (x + 0.5 - X, y + 0.5 - Y);
            var (u, v) = ((dx * Math.Cos(Angle)) + (dy * Math.Sin(Angle)), (dy * Math.Cos(Angle)) - (dx * Math.Sin(Angle)));
            return 1 - Math.Sqrt((u * u / (A * A)) + (v * v / (B * B)));
        }
    }
}
