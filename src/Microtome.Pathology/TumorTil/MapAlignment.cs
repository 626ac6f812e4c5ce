using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>
/// A tumor map and a lymphocyte map of any two grids on one (section 3.3 of the method). Both are cut along every edge of either, which is exact for any step and any
/// origin; where the steps are in the ratio num/den the pieces are the published "fine cells".
/// </summary>
public sealed class MapAlignment
{
    private readonly PatchMap _tumor;
    private readonly PatchMap _til;
    private readonly AlignmentOptions _options;

    private MapAlignment(PatchMap tumor, PatchMap til, AlignmentOptions options, PatchRatio ratio)
    {
        _tumor = tumor;
        _til = til;
        _options = options;
        Columns = Refine(tumor.Columns, til.Columns, ratio);
        Rows = Refine(tumor.Rows, til.Rows, ratio);
        Statistics = Measure(ratio);
    }

    /// <summary>The common grid along x.</summary>
    public IReadOnlyList<AlignedSegment> Columns { get; }

    /// <summary>The common grid along y.</summary>
    public IReadOnlyList<AlignedSegment> Rows { get; }

    /// <summary>The slide's figures.</summary>
    public TilStatistics Statistics { get; }

    /// <summary>Lays the maps on each other and counts.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A cut is not above 0 and at most 1.</exception>
    public static MapAlignment Align(PatchMap tumor, PatchMap til, AlignmentOptions? options = null)
    {
        options ??= new AlignmentOptions();
        foreach (double cut in (double[])[options.TumorThreshold, options.TilThreshold])
        {
            if (cut is not (> 0 and <= 1))
                throw new ArgumentOutOfRangeException(nameof(options), cut, "A cut lies above 0 and is at most 1.");
        }

        return new MapAlignment(tumor, til, options, PatchRatio.Of(tumor.Columns.Step / til.Columns.Step));
    }

    /// <summary>What the tumor map says of a piece.</summary>
    public PatchState TumorAt(int column, int row) => State(_tumor, Columns[column].Tumor, Rows[row].Tumor, _options.TumorThreshold);

    /// <summary>What the lymphocyte map says of a piece.</summary>
    public PatchState TilAt(int column, int row) => State(_til, Columns[column].Til, Rows[row].Til, _options.TilThreshold);

    /// <summary>The published picture, a pixel a fine cell (fewer for huge maps): red = lymphocytes, blue = tumor, magenta = both.</summary>
    public RgbImage Draw(int mostPixels = 8192)
    {
        var (x0, x1) = (Columns[0].Start, Columns[^1].Start + Columns[^1].Length);
        var (y0, y1) = (Rows[0].Start, Rows[^1].Start + Rows[^1].Length);
        double step = Math.Max(1, Math.Max(x1 - x0, y1 - y0) / mostPixels);
        int[] columns = Sample(Columns, x0, x1, step), rows = Sample(Rows, y0, y1, step);
        var image = new RgbImage(columns.Length, rows.Length);
        for (int y = 0; y < rows.Length; y++)
        {
            var target = image.Row(y);
            for (int x = 0; x < columns.Length; x++)
            {
                target[x * 3] = TilAt(columns[x], rows[y]) == PatchState.Positive ? (byte)255 : (byte)0;
                target[(x * 3) + 2] = TumorAt(columns[x], rows[y]) == PatchState.Positive ? (byte)255 : (byte)0;
            }
        }

        return image;
    }

    private static PatchState State(PatchMap map, int column, int row, double cut)
    {
        if (column < 0 || row < 0)
            return PatchState.Unknown;
        float value = map.Values[column, row];
        // Cuts are decimal numbers and files hold single or double precision: 0.1f must not fall below 0.1.
        return float.IsNaN(value) ? PatchState.Unknown : value >= (float)cut ? PatchState.Positive : PatchState.Negative;
    }

    // Edges in fine cells, counted from the tumor map's origin.
    private static AlignedSegment[] Refine(PatchAxis tumor, PatchAxis til, PatchRatio ratio)
    {
        double unit = tumor.Step / ratio.Numerator;
        double step = til.Step / unit, start = (til.Start - tumor.Start) / unit;
        // Steps that agree with the fraction to within the rounding of coordinates over the whole slide are that fraction; others (376 and 215 px at 0.2325 um) stay as they are.
        double rounding = tumor.Uncertainty + til.Uncertainty + 1e-9;
        if (Math.Abs(step - ratio.Denominator) * unit * Math.Max(til.Count, tumor.Count * ratio.Value) < rounding)
            step = ratio.Denominator;
        if (step == ratio.Denominator && Math.Abs(start - Math.Round(start)) * unit < rounding)
            start = Math.Round(start);

        var edges = new List<double>(tumor.Count + til.Count + 2);
        for (int i = 0; i <= tumor.Count; i++)
            edges.Add((double)i * ratio.Numerator);
        for (int j = 0; j <= til.Count; j++)
            edges.Add(start + (j * step));
        edges.Sort();

        var segments = new List<AlignedSegment>(edges.Count);
        for (int k = 1; k < edges.Count; k++)
        {
            double length = edges[k] - edges[k - 1];
            if (length < 1e-9)
                continue;
            double middle = (edges[k] + edges[k - 1]) / 2;
            segments.Add(new AlignedSegment(edges[k - 1], length, Cell(middle / ratio.Numerator, tumor.Count), Cell((middle - start) / step, til.Count)));
        }

        return [.. segments];
    }

    private static int Cell(double place, int count) => place >= 0 && place < count ? (int)place : -1;

    private TilStatistics Measure(PatchRatio ratio)
    {
        double overlap = 0, unknown = 0;
        for (int y = 0; y < Rows.Count; y++)
        {
            if (Rows[y].Tumor < 0)
                continue;
            for (int x = 0; x < Columns.Count; x++)
            {
                if (TumorAt(x, y) != PatchState.Positive)
                    continue;
                double area = Columns[x].Length * Rows[y].Length;
                switch (TilAt(x, y))
                {
                    case PatchState.Positive:
                        overlap += area;
                        break;
                    case PatchState.Unknown:
                        unknown += area;
                        break;
                    default:
                        break;
                }
            }
        }

        int tumorPatches = _tumor.Values.Samples.Count(v => v >= (float)_options.TumorThreshold), tilPatches = _til.Values.Samples.Count(v => v >= (float)_options.TilThreshold);
        return new TilStatistics
        {
            TumorCells = (double)tumorPatches * ratio.Numerator * ratio.Numerator,
            TilCells = (double)tilPatches * ratio.Denominator * ratio.Denominator,
            OverlapCells = Snapped(overlap),
            UnknownCells = Snapped(unknown),
            PatchRatio = _tumor.Columns.NominalStep / _til.Columns.NominalStep,
            Numerator = ratio.Numerator,
            Denominator = ratio.Denominator,
            TumorPatches = tumorPatches,
            TilPatches = tilPatches,
        };
    }

    // Areas of pieces add up to whole cells but for the last digits; a tumor of which nothing is known must not keep 1e-13 cells of it.
    private static double Snapped(double cells) => Math.Abs(cells - Math.Round(cells)) <= 1e-9 * Math.Max(1, cells) ? Math.Round(cells) : cells;

    private static int[] Sample(IReadOnlyList<AlignedSegment> segments, double start, double end, double step)
    {
        int count = Math.Max(1, (int)Math.Round((end - start) / step)), segment = 0;
        int[] result = new int[count];
        for (int i = 0; i < count; i++)
        {
            double place = start + ((i + 0.5) * step);
            while (segment + 1 < segments.Count && segments[segment].Start + segments[segment].Length <= place)
                segment++;
            result[i] = segment;
        }

        return result;
    }
}
