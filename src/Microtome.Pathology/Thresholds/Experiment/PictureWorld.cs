namespace Microtome.Pathology;

/// <summary>
/// Patches of 32 x 32 px of made-up tissue: each type has its own stain vectors, texture and tumor nuclei, each slide its own amounts of stain. Positive: two or more lymphocytes, which are small,
/// round and dark (radius 3). What misleads: large pale nuclei and elongated dark ones.
/// </summary>
internal sealed class PictureWorld : IPatchWorld<byte[]>
{
    /// <summary>Side of a patch, pixels.</summary>
    public const int Side = 32;

    private const double LymphocyteRadius = 3;

    // Optical densities of haematoxylin and eosin (Ruifrok and Johnston 2001).
    private static readonly double[] Haematoxylin = [0.65, 0.70, 0.29], Eosin = [0.07, 0.99, 0.11];

    private readonly int _seed;
    private readonly Look[] _types = new Look[ThresholdStudyOptions.Types];

    public PictureWorld(int seed)
    {
        _seed = seed;
        var random = new Random(seed);
        for (int t = 0; t < _types.Length; t++)
        {
            double[] Turned(double[] vector, double by)
            {
                double[] v = [.. vector.Select(x => Math.Max(0.02, x + (by * Normal(random))))];
                double length = Math.Sqrt(v.Sum(static x => x * x));
                return [.. v.Select(x => x / length)];
            }

            _types[t] = new Look(
                Turned(Haematoxylin, 0.08), Turned(Eosin, 0.08),
                TumorRadius: 4 + (2.5 * random.NextDouble()),
                TumorDensity: 0.35 + (0.4 * random.NextDouble()),
                TumorNuclei: 1 + (4 * random.NextDouble()),
                LymphocyteDensity: 0.9 + (0.5 * random.NextDouble()),
                SpindleDensity: 0.6 + (0.5 * random.NextDouble()),
                Spindles: 2.5 * random.NextDouble(),
                Texture: 0.05 + (0.2 * random.NextDouble()),
                TextureScale: 2 + (6 * random.NextDouble()));
        }
    }

    public (byte[][] Patches, int[] Labels) Draw(int type, int slide, int count, double? share, int part)
    {
        var look = new Random(unchecked((_seed * 1_000_003) + (type * 100_003) + slide));
        double prior = 0.1 + (0.2 * look.NextDouble());
        double nuclear = Math.Exp(0.2 * Normal(look)), ground = Math.Exp(0.2 * Normal(look));
        double[] tint = [0.03 * Normal(look), 0.03 * Normal(look), 0.03 * Normal(look)];
        var random = new Random(unchecked((look.Next() * 31) + part));
        var (patches, labels) = (new byte[count][], new int[count]);
        for (int i = 0; i < count; i++)
        {
            labels[i] = random.NextDouble() < (share ?? prior) ? 1 : 0;
            patches[i] = Paint(_types[type], random, labels[i], nuclear, ground, tint);
        }

        return (patches, labels);
    }

    // Shape [3, Side, Side].
    private static byte[] Paint(Look look, Random random, int label, double nuclear, double ground, double[] tint)
    {
        double[] blue = new double[Side * Side], pink = new double[Side * Side];
        double phaseX = random.NextDouble() * 6.3, phaseY = random.NextDouble() * 6.3, turn = random.NextDouble() * Math.PI;
        var (sin, cos) = Math.SinCos(turn);
        for (int p = 0; p < pink.Length; p++)
        {
            double x = p % Side, y = p / Side, along = (cos * x) + (sin * y), across = (cos * y) - (sin * x);
            pink[p] = 0.45 * (1 + (look.Texture * (Math.Sin((along / look.TextureScale) + phaseX) + Math.Sin((across / look.TextureScale * 0.6) + phaseY))));
        }

        for (int n = Poisson(random, look.TumorNuclei); n > 0; n--)
            Nucleus(blue, random, look.TumorRadius * (0.8 + (0.4 * random.NextDouble())), 1 + (0.4 * random.NextDouble()), look.TumorDensity, 0);
        for (int n = Poisson(random, look.Spindles); n > 0; n--)
            Nucleus(blue, random, 1.8, 2.6 + random.NextDouble(), look.SpindleDensity, 0);
        int lymphocytes = label == 1 ? 2 + Math.Min(6, Poisson(random, 1.2)) : random.NextDouble() < 0.3 ? 1 : 0;
        for (; lymphocytes > 0; lymphocytes--)
            Nucleus(blue, random, LymphocyteRadius, 1 + (0.1 * random.NextDouble()), look.LymphocyteDensity, LymphocyteRadius);
        byte[] patch = new byte[3 * Side * Side];
        for (int k = 0; k < 3; k++)
        {
            for (int p = 0; p < blue.Length; p++)
            {
                double density = (look.Haematoxylin[k] * blue[p] * nuclear * 1.4) + (look.Eosin[k] * pink[p] * ground) + tint[k] + (0.04 * (random.NextDouble() - 0.5));
                patch[(k * Side * Side) + p] = (byte)Math.Clamp(Math.Round(245 * Math.Exp(-density)), 0, 255);
            }
        }

        return patch;
    }

    // An ellipse with a soft border; where nuclei overlap the darker one shows.
    private static void Nucleus(double[] plane, Random random, double radius, double elongation, double density, double margin)
    {
        double cx = margin + ((Side - (2 * margin)) * random.NextDouble()), cy = margin + ((Side - (2 * margin)) * random.NextDouble());
        var (sin, cos) = Math.SinCos(random.NextDouble() * Math.PI);
        double a = radius * Math.Sqrt(elongation), b = radius / Math.Sqrt(elongation), dark = density * (0.85 + (0.3 * random.NextDouble()));
        int reach = (int)Math.Ceiling(a + 1.5);
        for (int y = Math.Max(0, (int)cy - reach); y <= Math.Min(Side - 1, (int)cy + reach); y++)
        {
            for (int x = Math.Max(0, (int)cx - reach); x <= Math.Min(Side - 1, (int)cx + reach); x++)
            {
                double u = ((cos * (x - cx)) + (sin * (y - cy))) / a, v = ((cos * (y - cy)) - (sin * (x - cx))) / b;
                double inside = (1 - Math.Sqrt((u * u) + (v * v))) * Math.Min(a, b);
                ref double value = ref plane[(y * Side) + x];
                value = Math.Max(value, dark * Math.Clamp(inside + 0.5, 0, 1));
            }
        }
    }

    private static int Poisson(Random random, double mean)
    {
        double limit = Math.Exp(-mean), product = random.NextDouble();
        int count = 0;
        for (; product > limit; count++)
            product *= random.NextDouble();
        return count;
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private sealed record Look(
        double[] Haematoxylin, double[] Eosin, double TumorRadius, double TumorDensity, double TumorNuclei, double LymphocyteDensity, double SpindleDensity, double Spindles, double Texture, double TextureScale);
}
