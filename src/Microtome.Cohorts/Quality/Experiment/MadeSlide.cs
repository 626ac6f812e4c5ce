using Microtome.Imaging;
using Microtome.Pathology;

namespace Microtome.Cohorts;

/// <summary>
/// A picture of tissue whose nuclei are known: ellipses of one of four made-up cancer types (size, density, colours, background), with chromatin, soft edges, eosinophilic fibres, differences between
/// slides and sensor noise; and, if wanted, spoiled in a known way.
/// </summary>
internal sealed class MadeSlide
{
    /// <summary>Side, pixels.</summary>
    public const int Side = 1200;

    /// <summary>Its true pixel size, um.</summary>
    public const double Mpp = 0.25;

    private static readonly (double Size, double Density, double[] Haematoxylin, double[] Eosin, double Fibre)[] s_types =
    [
        (1.35, 0.55, [0.65, 0.70, 0.29], [0.07, 0.99, 0.11], 3),
        (1.05, 0.90, [0.60, 0.73, 0.33], [0.12, 0.97, 0.20], 6),
        (1.65, 0.40, [0.68, 0.68, 0.27], [0.10, 0.98, 0.16], 2),
        (1.20, 0.70, [0.56, 0.75, 0.35], [0.18, 0.95, 0.25], 9),
    ];

    private MadeSlide(RgbImage picture, Raster<int> truth)
    {
        Picture = picture;
        Truth = truth;
    }

    public RgbImage Picture { get; }

    /// <summary>True labels of the picture's pixels.</summary>
    public Raster<int> Truth { get; }

    /// <summary>What the slide says of its pixel size.</summary>
    public double StatedMpp { get; private init; } = Mpp;

    /// <summary>Makes a slide.</summary>
    /// <param name="type">0 to 3.</param>
    /// <param name="kind">What is done to it.</param>
    /// <param name="seed">Seed of everything.</param>
    public static MadeSlide Make(int type, SpoilKind kind, int seed)
    {
        var random = new Random(seed);
        var (size, density, haematoxylin, eosin, fibre) = s_types[type];
        size *= Math.Exp(0.08 * Normal(random));
        double crowd = density * Math.Exp(0.3 * Normal(random)), strength = Math.Exp(0.2 * Normal(random)), optics = 0.5 + (0.5 * random.NextDouble());
        var truth = Nuclei(size, crowd, random);
        var (h, e) = Stains(truth, fibre, strength, random);
        h = GaussianBlur.Apply(h, optics);
        e = GaussianBlur.Apply(e, optics);
        if (kind is SpoilKind.Blur or SpoilKind.HalfBlur)
        {
            double sigma = 0.4 * Math.Pow(5, random.NextDouble()) / Mpp; // 0.4 to 2 um
            (h, e) = (Blurred(h, sigma, kind), Blurred(e, sigma, kind));
        }

        var picture = Render(h, e, Turned(haematoxylin, random), Turned(eosin, random), random);
        if (kind == SpoilKind.Pen)
            Draw(picture, random);
        return new MadeSlide(picture, truth) { StatedMpp = kind switch { SpoilKind.PixelSizeTwice => 2 * Mpp, SpoilKind.PixelSizeHalf => Mpp / 2, _ => Mpp } };
    }

    // Ellipses with semi-axes of 6 to 14 px, enlarged by the size of the type.
    private static Raster<int> Nuclei(double size, double density, Random random)
    {
        int side = (int)Math.Ceiling(Side / size);
        var nuclei = new SyntheticNuclei(side, side, (int)(density * 80 * side * (double)side / 65536), random.Next());
        var truth = new Raster<int>(Side, Side);
        for (int y = 0; y < Side; y++)
        {
            for (int x = 0; x < Side; x++)
                truth[x, y] = nuclei.Labels[Math.Min(side - 1, (int)((x + 0.5) / size)), Math.Min(side - 1, (int)((y + 0.5) / size))];
        }

        return truth;
    }

    private static (Raster<float> Haematoxylin, Raster<float> Eosin) Stains(Raster<int> truth, double fibre, double strength, Random random)
    {
        Raster<float> chromatin = Noise(random, 1.6), coarse = Noise(random, 25), fibres = Noise(random, fibre), own = new(1 + truth.Samples.Max(), 1);
        for (int i = 0; i < own.Width; i++)
            own.Samples[i] = (float)(0.75 + (0.15 * Normal(random)));
        var (h, e) = (new Raster<float>(Side, Side), new Raster<float>(Side, Side));
        for (int i = 0; i < truth.Samples.Length; i++)
        {
            int label = truth.Samples[i];
            double amount = label == 0 ? 0.07 + (0.02 * fibres.Samples[i]) : Math.Max(0.3, own.Samples[label]) * (1 + (0.2 * chromatin.Samples[i]));
            h.Samples[i] = (float)(strength * Math.Max(0, amount));
            e.Samples[i] = (float)Math.Max(0, (label == 0 ? 0.28 : 0.12) * (1 + (0.25 * fibres.Samples[i]) + (0.2 * coarse.Samples[i])));
        }

        return (h, e);
    }

    // Smooth noise with mean 0 and deviation 1.
    private static Raster<float> Noise(Random random, double sigma)
    {
        var noise = new Raster<float>(Side, Side);
        for (int i = 0; i < noise.Samples.Length; i++)
            noise.Samples[i] = (float)(random.NextDouble() - 0.5);
        noise = GaussianBlur.Apply(noise, sigma);
        // A Gaussian leaves 1 / (4 pi sigma^2) of the variance of white noise, which is 1/12 here.
        double scale = Math.Sqrt(12 * 4 * Math.PI) * sigma;
        for (int i = 0; i < noise.Samples.Length; i++)
            noise.Samples[i] = (float)(noise.Samples[i] * scale);
        return noise;
    }

    private static Raster<float> Blurred(Raster<float> amounts, double sigma, SpoilKind kind)
    {
        var blurred = GaussianBlur.Apply(amounts, sigma);
        if (kind == SpoilKind.HalfBlur)
        {
            for (int y = 0; y < Side; y++)
                amounts.Row(y)[(Side / 2)..].CopyTo(blurred.Row(y)[(Side / 2)..]);
        }

        return blurred;
    }

    private static RgbImage Render(Raster<float> h, Raster<float> e, double[] first, double[] second, Random random)
    {
        var picture = new RgbImage(Side, Side);
        for (int i = 0; i < h.Samples.Length; i++)
        {
            for (int c = 0; c < 3; c++)
            {
                double light = (245 * Math.Pow(10, -((h.Samples[i] * first[c]) + (e.Samples[i] * second[c])))) + (3 * (random.NextDouble() + random.NextDouble() - 1));
                picture.Pixels[(3 * i) + c] = (byte)Math.Clamp(Math.Round(light), 0, 255);
            }
        }

        return picture;
    }

    // Bands of ink that let through a part of each colour.
    private static void Draw(RgbImage picture, Random random)
    {
        double[][] inks = [[0.25, 0.45, 0.85], [0.2, 0.6, 0.3], [0.85, 0.2, 0.25]];
        double[] ink = inks[random.Next(inks.Length)];
        double angle = Math.PI * random.NextDouble(), width = 70 + (60 * random.NextDouble()), step = width * (2 + (4 * random.NextDouble())), start = step * random.NextDouble();
        var (sin, cos) = Math.SinCos(angle);
        for (int y = 0; y < Side; y++)
        {
            var row = picture.Row(y);
            for (int x = 0; x < Side; x++)
            {
                double along = (x * cos) + (y * sin) + start + (12 * Math.Sin(((x * sin) - (y * cos)) / 90));
                if (((along % step) + step) % step > width)
                    continue;
                for (int c = 0; c < 3; c++)
                    row[(3 * x) + c] = (byte)Math.Round(row[(3 * x) + c] * ink[c]);
            }
        }
    }

    private static double[] Turned(double[] vector, Random random)
    {
        double[] turned = [.. vector.Select(v => Math.Max(0.02, v + (0.025 * Normal(random))))];
        double length = Math.Sqrt(turned.Sum(static v => v * v));
        return [.. turned.Select(v => v / length)];
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
