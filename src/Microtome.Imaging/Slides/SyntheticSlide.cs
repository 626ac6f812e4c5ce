using System.Globalization;
using System.Text.RegularExpressions;

namespace Microtome.Imaging;

/// <summary>
/// A slide that needs no file, <c>synthetic:WIDTHxHEIGHT?mpp=0.25&amp;tissue=0.4</c>: a wavy piece of pink tissue with round blue nuclei on a pale background,
/// and pure green crosses at prime coordinates. Every pixel is a function of its coordinates, computed when it is read, so that size costs nothing.
/// <c>mpp</c> is the pixel size, <c>tissue</c> the share of the area that is tissue (0 to 1).
/// </summary>
public sealed partial class SyntheticSlide : ISlide
{
    /// <summary>The colour of the marks; no other pixel of level 0 has it.</summary>
    public static readonly (byte R, byte G, byte B) MarkColour = (0, 255, 0);

    /// <summary>Pixels from the centre of a mark to the end of its arms, level 0.</summary>
    public const int MarkArm = 3;

    private const double DefaultMpp = 0.25;
    private const double DefaultTissue = 0.4;
    private const double CellMicrons = 12;
    private const double CoverageOfNuclei = 0.16;
    private const double Wave = 0.15;
    private static readonly double[] s_markPlaces = [0.03, 0.27, 0.5, 0.73, 0.97];

    private readonly SlideLevel[] _levels;
    private readonly List<(int X, int Y)> _marks = [];
    private readonly double _tissue;
    private readonly int _cell;

    private SyntheticSlide(string address, int width, int height, double mpp, double tissue, PixelSize? given)
    {
        Path = address;
        Name = $"synthetic-{width}x{height}";
        _tissue = tissue;
        _cell = Math.Max(4, (int)Math.Round(CellMicrons / mpp));
        var levels = new List<SlideLevel> { new(width, height, 1) };
        for (int d = 4; Math.Max(width, height) / d >= 256; d *= 4)
            levels.Add(new SlideLevel((width + d - 1) / d, (height + d - 1) / d, d));
        _levels = [.. levels];
        foreach (double fy in s_markPlaces)
        {
            foreach (double fx in s_markPlaces)
            {
                int x = PrimeAtMost((int)(fx * width));
                int y = PrimeAtMost((int)(fy * height));
                if (x > 0 && y > 0 && !_marks.Contains((x, y)))
                    _marks.Add((x, y));
            }
        }

        Marks = _marks.Select(m => new Level0Point(m.X + 0.5, m.Y + 0.5)).ToList();
        Properties = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["microtome.synthetic.tissue"] = tissue.ToString("R", CultureInfo.InvariantCulture),
            ["microtome.synthetic.marks"] = string.Join(' ', _marks.Select(m => $"{m.X},{m.Y}")),
        };
        PixelSize = given ?? new PixelSize(mpp, mpp, PixelSizeSource.Synthetic);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public string Path { get; }

    /// <inheritdoc/>
    public string Format => "synthetic";

    /// <inheritdoc/>
    public IReadOnlyList<SlideLevel> Levels => _levels;

    /// <inheritdoc/>
    public PixelSize? PixelSize { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> PixelSizeNotes => [];

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Properties { get; }

    /// <summary>Centres of the marks, level-0 coordinates: the whole parts are prime.</summary>
    public IReadOnlyList<Level0Point> Marks { get; }

    /// <summary>Reads an address.</summary>
    /// <exception cref="SlideException">The address is not of the form that the class describes.</exception>
    public static SyntheticSlide Parse(string address, PixelSize? given = null)
    {
        Match match = Address().Match(address);
        if (!match.Success
            || !int.TryParse(match.Groups["w"].ValueSpan, CultureInfo.InvariantCulture, out int width)
            || !int.TryParse(match.Groups["h"].ValueSpan, CultureInfo.InvariantCulture, out int height)
            || width is < 1 or > 10_000_000 || height is < 1 or > 10_000_000)
        {
            throw new SlideException($"\"{address}\" is not a synthetic slide. Write synthetic:WIDTHxHEIGHT with sides of 1 to 10,000,000 pixels, for instance synthetic:10000x8000 or synthetic:60000x60000?mpp=0.5&tissue=0.3.");
        }

        double mpp = DefaultMpp;
        double tissue = DefaultTissue;
        foreach (string pair in match.Groups["q"].Value.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = pair.Split('=');
            if (parts.Length == 2 && double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out double value))
            {
                if (parts[0] == "mpp" && value is >= Imaging.PixelSize.Smallest and <= Imaging.PixelSize.Largest)
                {
                    mpp = value;
                    continue;
                }

                if (parts[0] == "tissue" && value is >= 0 and <= 1)
                {
                    tissue = value;
                    continue;
                }
            }

            throw new SlideException($"\"{pair}\" in {address} is not understood: mpp={Imaging.PixelSize.Smallest}..{Imaging.PixelSize.Largest} and tissue=0..1 are.");
        }

        return new SyntheticSlide(address, width, height, mpp, tissue, given);
    }

    /// <summary>The nuclei whose centres lie in the rectangle: centre and radius, level-0 pixels.</summary>
    public IEnumerable<(Level0Point Centre, double Radius)> NucleiIn(Level0Rect area)
    {
        long x1 = Math.Min(area.Right, _levels[0].Width);
        long y1 = Math.Min(area.Bottom, _levels[0].Height);
        for (long cy = Math.Max(0, area.Y) / _cell; cy * _cell < y1; cy++)
        {
            for (long cx = Math.Max(0, area.X) / _cell; cx * _cell < x1; cx++)
            {
                if (NucleusOf(cx, cy) is { } n && area.Contains(new Level0Point(n.X, n.Y)) && n.X < x1 && n.Y < y1)
                    yield return (new Level0Point(n.X, n.Y), n.Radius);
            }
        }
    }

    /// <summary>Whether the slide shows tissue there.</summary>
    public bool IsTissue(Level0Point point) => new TissueShape(this).Contains(point.X, point.Y);

    /// <inheritdoc/>
    public void ReadRegion(LevelRect region, RgbImage destination)
    {
        if (SlideRegions.Clip(_levels, region, destination) is not { } inside)
            return;
        int d = (int)_levels[region.Level].Downsample;
        int atX = (int)(inside.X - region.X);
        int atY = (int)(inside.Y - region.Y);
        var shape = new TissueShape(this);
        for (int y = 0; y < inside.Height; y++)
        {
            Span<byte> row = destination.Row(atY + y).Slice(atX * 3, inside.Width * 3);
            if (d * 2 > _cell)
                FarRow(inside.X, inside.Y + y, d, shape, row);
            else
                NearRow(inside.X, inside.Y + y, d, shape, row);
        }

        DrawMarks(inside, d, destination, atX, atY);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    // Nuclei are visible: a level pixel shows the level-0 pixel in its middle.
    private void NearRow(long x0, long y, int d, TissueShape shape, Span<byte> row)
    {
        int py = (int)((y * d) + (d / 2));
        int cy = py / _cell;
        int lastCell = -1;
        bool tissue = false;
        (double X, double Y, double Radius)? nucleus = null;
        for (int i = 0; i < row.Length; i += 3)
        {
            int px = (int)(((x0 + (i / 3)) * d) + (d / 2));
            int cx = px / _cell;
            if (cx != lastCell)
            {
                // Tissue is decided once a cell: its edge is a staircase of cells, which nobody measures to a pixel.
                lastCell = cx;
                tissue = shape.Contains((cx + 0.5) * _cell, (cy + 0.5) * _cell);
                nucleus = tissue ? NucleusOf(cx, cy) : null;
            }

            uint noise = Hash((uint)px, (uint)py);
            int n = (int)(noise & 15) - 8;
            if (!tissue)
            {
                row[i] = (byte)(243 + (n >> 2));
                row[i + 1] = (byte)(241 + (n >> 2));
                row[i + 2] = (byte)(244 + (n >> 2));
            }
            else if (nucleus is { } c && Inside(c, px, py))
            {
                row[i] = (byte)(86 + n);
                row[i + 1] = (byte)(58 + n);
                row[i + 2] = (byte)(138 + n);
            }
            else
            {
                row[i] = (byte)(226 + n);
                row[i + 1] = (byte)(160 + n);
                row[i + 2] = (byte)(198 + n);
            }
        }
    }

    // Cells are smaller than two level pixels: their mean colour.
    private static void FarRow(long x0, long y, int d, TissueShape shape, Span<byte> row)
    {
        double py = (y + 0.5) * d;
        for (int i = 0; i < row.Length; i += 3)
        {
            double px = (x0 + (i / 3) + 0.5) * d;
            int n = (int)(Hash((uint)px, (uint)py) & 7) - 4;
            bool tissue = shape.Contains(px, py);
            row[i] = (byte)(tissue ? 226 - (140 * CoverageOfNuclei) + n : 243);
            row[i + 1] = (byte)(tissue ? 160 - (102 * CoverageOfNuclei) + n : 241);
            row[i + 2] = (byte)(tissue ? 198 - (60 * CoverageOfNuclei) + n : 244);
        }
    }

    private void DrawMarks(LevelRect inside, int d, RgbImage destination, int atX, int atY)
    {
        foreach ((int mx, int my) in _marks)
        {
            Fill((mx - MarkArm) / d, (mx + MarkArm) / d, my / d, my / d);
            Fill(mx / d, mx / d, (my - MarkArm) / d, (my + MarkArm) / d);
        }

        void Fill(long left, long right, long top, long bottom)
        {
            for (long y = Math.Max(top, inside.Y); y <= Math.Min(bottom, inside.Y + inside.Height - 1); y++)
            {
                for (long x = Math.Max(left, inside.X); x <= Math.Min(right, inside.X + inside.Width - 1); x++)
                {
                    Span<byte> pixel = destination.Row(atY + (int)(y - inside.Y)).Slice((atX + (int)(x - inside.X)) * 3, 3);
                    (pixel[0], pixel[1], pixel[2]) = MarkColour;
                }
            }
        }
    }

    private (double X, double Y, double Radius)? NucleusOf(long cx, long cy)
    {
        if (!new TissueShape(this).Contains((cx + 0.5) * _cell, (cy + 0.5) * _cell))
            return null;
        uint h = Hash((uint)cx ^ 0x9e3779b9u, (uint)cy + 0x85ebca6bu);
        if ((h & 3) == 0)
            return null;

        // The radius is 1/5 to 1/3 of the cell (2.4 to 4 um), and the centre leaves room for it: a nucleus lies in its own cell.
        double radius = _cell * (0.2 + (0.13 * ((h >> 2) & 255) / 255.0));
        double room = (_cell / 2.0) - radius - 1;
        double x = ((cx + 0.5) * _cell) + (room * ((((h >> 10) & 1023) / 511.5) - 1));
        double y = ((cy + 0.5) * _cell) + (room * ((((h >> 20) & 1023) / 511.5) - 1));
        return (x, y, radius);
    }

    private static bool Inside((double X, double Y, double Radius) nucleus, int px, int py)
    {
        double dx = px + 0.5 - nucleus.X;
        double dy = py + 0.5 - nucleus.Y;
        return (dx * dx) + (dy * dy) <= nucleus.Radius * nucleus.Radius;
    }

    private static uint Hash(uint x, uint y)
    {
        uint h = (x * 0x9e3779b1u) ^ (y * 0x85ebca77u);
        h ^= h >> 15;
        h *= 0x2c1b3c6du;
        h ^= h >> 12;
        h *= 0x297a2d39u;
        return h ^ (h >> 15);
    }

    private static int PrimeAtMost(int value)
    {
        for (int n = value; n >= 2; n--)
        {
            bool prime = true;
            for (int k = 2; (long)k * k <= n && prime; k++)
                prime = n % k != 0;
            if (prime)
                return n;
        }

        return 0;
    }

    [GeneratedRegex(@"^synthetic:(?<w>\d{1,9})x(?<h>\d{1,9})(\?(?<q>.*))?$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Address();

    /// <summary>
    /// The outline r = r0 (1 + e cos 3t) in coordinates where the slide is the unit square; its area is pi r0^2 (1 + e^2 / 2). A share that no such shape
    /// reaches is a centred rectangle.
    /// </summary>
    private readonly struct TissueShape
    {
        private readonly double _width;
        private readonly double _height;
        private readonly double _radius;
        private readonly double _half;

        public TissueShape(SyntheticSlide slide)
        {
            _width = slide._levels[0].Width;
            _height = slide._levels[0].Height;
            _half = Math.Sqrt(slide._tissue) / 2;
            double radius = Math.Sqrt(slide._tissue / (Math.PI * (1 + (Wave * Wave / 2))));
            _radius = radius * (1 + Wave) <= 0.5 ? radius : -1;
        }

        public bool Contains(double x, double y)
        {
            double u = (x / _width) - 0.5;
            double v = (y / _height) - 0.5;
            if (_radius < 0)
                return Math.Abs(u) <= _half && Math.Abs(v) <= _half;
            double r2 = (u * u) + (v * v);
            if (r2 == 0)
                return _radius > 0;
            double r = Math.Sqrt(r2);
            double c = u / r;
            return r <= _radius * (1 + (Wave * ((4 * c * c * c) - (3 * c))));
        }
    }
}
