namespace Microtome.Imaging;

/// <summary>
/// Brings the colours of one slide to those of another. Estimate once a slide (<see cref="StainEstimator"/>, <see cref="StainSampler"/>), then apply to each
/// tile: a tile never changes how another one looks. White stays white; a profile that could not be estimated leaves every pixel as it is.
/// One instance may be used by several threads at once.
/// </summary>
public sealed class StainNormalizer
{
    // Reinhard moves every colour, glass too: what is at most this dense on average stays, and the change sets in gradually up to the second value.
    private const double ReinhardNone = 0.03;
    private const double ReinhardFull = 0.10;
    private readonly float[] _tables = [];
    private readonly double[] _scale = [];
    private readonly double[] _shift = [];

    /// <summary>Prepares the change from one profile to another.</summary>
    /// <param name="source">The colours of the slide.</param>
    /// <param name="target">The colours to reach; null means <see cref="StainProfile.Reference"/>.</param>
    /// <exception cref="ArgumentException">The profiles are of different kinds: statistics on one side, stain vectors on the other.</exception>
    public StainNormalizer(StainProfile source, StainProfile? target = null)
    {
        target ??= StainProfile.Reference(source.Method);
        Source = source;
        Target = target;
        if (source.IsIdentity || target.IsIdentity)
            return;
        if ((source.Method == StainMethod.Reinhard) != (target.Method == StainMethod.Reinhard))
            throw new ArgumentException($"A {source.Method} profile cannot be brought to a {target.Method} profile.", nameof(target));
        if (source.Method == StainMethod.Reinhard)
        {
            _scale = [.. target.LabDeviations.Zip(source.LabDeviations, (t, s) => t / s)];
            _shift = [.. target.LabMeans.Select((t, i) => t - (_scale[i] * source.LabMeans[i]))];
        }
        else
        {
            _tables = Tables(source, target);
        }
    }

    /// <summary>The colours of the slide.</summary>
    public StainProfile Source { get; }

    /// <summary>The colours to reach.</summary>
    public StainProfile Target { get; }

    /// <summary>Whether pictures are left as they are, because a profile could not be estimated.</summary>
    public bool IsIdentity => Source.IsIdentity || Target.IsIdentity;

    /// <summary>Changes the picture in place.</summary>
    public void Apply(RgbImage image)
    {
        if (IsIdentity)
            return;
        if (_tables.Length > 0)
            ApplyStains(image.Pixels);
        else
            ApplyStatistics(image.Pixels);
    }

    /// <summary>
    /// Density to density is linear: unmix, scale each stain, mix with the target's vectors. Nine tables, one per pair of channels. What the two
    /// vectors do not explain is dropped, as the papers do; with the fixed vectors of Ruifrok, which fit no slide exactly, it is kept as it is.
    /// </summary>
    private static float[] Tables(StainProfile source, StainProfile target)
    {
        var unmixing = new StainVectors(source.Vectors[0], source.Vectors[1]).PlanarUnmixing();
        var mixing = new StainVectors(target.Vectors[0], target.Vectors[1]);
        var keep = source.Method == StainMethod.Ruifrok && target.Method == StainMethod.Ruifrok ? mixing.Normal() : [0, 0, 0];
        var tables = new float[9 * 256];
        for (var from = 0; from < 3; from++)
        {
            for (var to = 0; to < 3; to++)
            {
                var weight = (mixing.First[to] * target.MaxAmounts[0] / source.MaxAmounts[0] * unmixing[0][from])
                    + (mixing.Second[to] * target.MaxAmounts[1] / source.MaxAmounts[1] * unmixing[1][from])
                    + (keep[to] * keep[from]);
                for (var v = 0; v < 256; v++)
                    tables[(((from * 3) + to) * 256) + v] = (float)(weight * OpticalDensity.Of((byte)v));
            }
        }

        return tables;
    }

    private void ApplyStains(Span<byte> pixels)
    {
        ReadOnlySpan<float> t = _tables.AsSpan(0, 9 * 256);
        for (var p = 0; p + 2 < pixels.Length; p += 3)
        {
            int r = pixels[p], g = pixels[p + 1], b = pixels[p + 2];
            pixels[p] = OpticalDensity.ToByte(t[r] + t[768 + g] + t[1536 + b]);
            pixels[p + 1] = OpticalDensity.ToByte(t[256 + r] + t[1024 + g] + t[1792 + b]);
            pixels[p + 2] = OpticalDensity.ToByte(t[512 + r] + t[1280 + g] + t[2048 + b]);
        }
    }

    private void ApplyStatistics(Span<byte> pixels)
    {
        for (var p = 0; p + 2 < pixels.Length; p += 3)
        {
            var (r, g, b) = (pixels[p], pixels[p + 1], pixels[p + 2]);
            var density = (OpticalDensity.Of(r) + OpticalDensity.Of(g) + OpticalDensity.Of(b)) / 3.0;
            var share = Math.Clamp((density - ReinhardNone) / (ReinhardFull - ReinhardNone), 0, 1);
            if (share == 0)
                continue;
            var (l, alpha, beta) = Ruderman.FromRgb(r, g, b);
            var (red, green, blue) = Ruderman.ToRgb((l * _scale[0]) + _shift[0], (alpha * _scale[1]) + _shift[1], (beta * _scale[2]) + _shift[2]);
            pixels[p] = Blend(r, red, share);
            pixels[p + 1] = Blend(g, green, share);
            pixels[p + 2] = Blend(b, blue, share);
        }
    }

    private static byte Blend(byte before, double after, double share) => (byte)Math.Round(Math.Clamp(before + (share * (Math.Clamp(after, 0, 255) - before)), 0, 255));
}
