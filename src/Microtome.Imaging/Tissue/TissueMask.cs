namespace Microtome.Imaging;

/// <summary>Where a slide has tissue: a mask on a coarse grid (about 8 um per pixel) that lies over the whole slide.</summary>
public sealed class TissueMask
{
    /// <summary>Class names of GeoJSON objects whose area is taken out when a mask is read back.</summary>
    public static readonly IReadOnlyList<string> ExcludedClasses = ["Ignore*", "Exclude", "Pen"];

    private const double FewTissue = 0.01;
    private const double MuchTissue = 0.90;
    private readonly CoverageTable _coverage;

    internal TissueMask(string slideName, Raster<byte> mask, AnalysisGrid grid, PixelSize? pixelSize, IReadOnlyList<string> notes)
    {
        SlideName = slideName;
        Mask = mask;
        Grid = grid;
        PixelSize = pixelSize;
        _coverage = new CoverageTable(mask);
        var own = new List<string>(notes);
        if (Share == 0)
            own.Add("No tissue was found: the slide shows glass only, or the preset does not fit (try --preset pale).");
        else if (Share < FewTissue)
            own.Add($"Only {Share:0.00 %} of the slide is tissue; check tissue.png, or try --preset biopsy or pale.");
        else if (Share > MuchTissue)
            own.Add($"{Share:0 %} of the slide is tissue; check tissue.png that glass is not taken for tissue.");
        Notes = own;
        Pen = Folds = Blur = new TissueFlag(0, new Raster<byte>(mask.Width, mask.Height));
    }

    /// <summary>The name of the slide.</summary>
    public string SlideName { get; }

    /// <summary>1 = tissue.</summary>
    public Raster<byte> Mask { get; }

    /// <summary>How the mask lies on level 0.</summary>
    public AnalysisGrid Grid { get; }

    /// <summary>The size of a level-0 pixel, or null when unknown.</summary>
    public PixelSize? PixelSize { get; }

    /// <summary>What a person should know, one sentence each.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>Marks of pens.</summary>
    public TissueFlag Pen { get; internal init; }

    /// <summary>Folded tissue.</summary>
    public TissueFlag Folds { get; internal init; }

    /// <summary>Places out of focus.</summary>
    public TissueFlag Blur { get; internal init; }

    /// <summary>The threshold of the score that was used, optical density; 0 when the mask was read from a file.</summary>
    public double Threshold { get; internal init; }

    /// <summary>The share of the slide that is tissue, 0 to 1.</summary>
    public double Share => (double)_coverage.Total / Mask.Samples.Length;

    /// <summary>The area of the tissue, mm2; null when the pixel size is unknown.</summary>
    public double? AreaMm2 => PixelSize is null ? null : _coverage.Total * Grid.ScaleX * Grid.ScaleY * PixelSize.Area / 1e6;

    /// <summary>Finds the tissue of a slide.</summary>
    /// <param name="slide">The slide.</param>
    /// <param name="options">How; null means <see cref="TissueOptions.Resection"/>.</param>
    /// <param name="threads">How many bands are read at once.</param>
    /// <param name="cancellation">Stops between bands.</param>
    /// <exception cref="SlideException">The slide cannot be read.</exception>
    public static TissueMask Detect(ISlide slide, TissueOptions? options = null, int threads = 1, CancellationToken cancellation = default)
        => new TissueDetector(slide, options ?? TissueOptions.Resection, threads, cancellation).Detect();

    /// <summary>Reads an edited tissue.geojson: objects without class or of class Tissue are tissue, those of <see cref="ExcludedClasses"/> are taken out.</summary>
    /// <param name="slide">The slide to which the polygons belong, level-0 pixels.</param>
    /// <param name="path">GeoJSON, gzipped or not.</param>
    /// <param name="options">Gives the side of a mask pixel.</param>
    /// <exception cref="SlideException">The file cannot be read or is no GeoJSON.</exception>
    public static TissueMask FromGeoJson(ISlide slide, string path, TissueOptions? options = null)
    {
        var notes = new List<string>();
        var features = GeoJsonReader.ReadFile(path, notes);
        var (grid, width, height) = TissueGrid.Of(slide, (options ?? TissueOptions.Resection).MicronsPerPixel);
        var mask = new Raster<byte>(width, height);
        var other = new SortedSet<string>(StringComparer.Ordinal);
        Paint(f => f.ClassName is null || string.Equals(f.ClassName, "Tissue", StringComparison.OrdinalIgnoreCase), 1);
        Paint(IsExcluded, 0);
        foreach (var feature in features)
        {
            if (feature.ClassName is { } name && !IsExcluded(feature) && !string.Equals(name, "Tissue", StringComparison.OrdinalIgnoreCase))
                other.Add(name);
        }

        if (other.Count > 0)
            notes.Add($"{path}: objects of class {string.Join(", ", other)} were left out; only Tissue (or no class) counts.");
        return new TissueMask(slide.Name, mask, grid, slide.PixelSize, notes);

        void Paint(Func<GeoJsonFeature, bool> wanted, byte value)
        {
            foreach (var polygon in features.Where(wanted).SelectMany(f => f.Polygons))
                PolygonRasterizer.Fill(mask, polygon.Transform(1 / grid.ScaleX, 1 / grid.ScaleY), value);
        }

        static bool IsExcluded(GeoJsonFeature f) => f.ClassName is { } name && ExcludedClasses.Contains(name, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The share of a rectangle's own area that is tissue, 0 to 1, exact; what lies outside the slide is not tissue.</summary>
    public double Coverage(Level0Rect rect)
    {
        if (rect.Width <= 0 || rect.Height <= 0)
            return 0;
        double left = rect.X / Grid.ScaleX, top = rect.Y / Grid.ScaleY, right = rect.Right / Grid.ScaleX, bottom = rect.Bottom / Grid.ScaleY;
        return Math.Clamp(_coverage.Area(left, top, right, bottom) / ((right - left) * (bottom - top)), 0, 1);
    }

    /// <summary>Whether any of the rectangle is tissue.</summary>
    public bool Touches(Level0Rect rect)
        => rect.Width > 0 && rect.Height > 0
            && _coverage.Area(Math.Floor(rect.X / Grid.ScaleX), Math.Floor(rect.Y / Grid.ScaleY), Math.Ceiling(rect.Right / Grid.ScaleX), Math.Ceiling(rect.Bottom / Grid.ScaleY)) > 0.5;

    /// <summary>Whether the point lies on tissue.</summary>
    public bool Contains(Level0Point point)
    {
        var (x, y) = (Math.Floor(point.X / Grid.ScaleX), Math.Floor(point.Y / Grid.ScaleY));
        return x >= 0 && y >= 0 && x < Mask.Width && y < Mask.Height && Mask[(int)x, (int)y] != 0;
    }

    /// <summary>The outlines, level-0 pixels, one polygon per connected piece with its holes; filling them gives the mask back.</summary>
    public IReadOnlyList<Polygon> Polygons() => Array.ConvertAll(PolygonTracer.Trace(Mask), p => p.ToLevel0(Grid));

    /// <summary>Writes the mask as a grey PNG: 255 = tissue, 0 = not.</summary>
    /// <exception cref="IOException">The folder cannot be written or the disk is full.</exception>
    public void WritePng(string path)
        => ImageFile.WritePng(path, new Raster<byte>(Mask.Width, Mask.Height, Array.ConvertAll(Mask.Samples, v => v != 0 ? (byte)255 : (byte)0)));

    /// <summary>Writes the outlines for QuPath: class Tissue with its area, and Pen and Fold where flagged. Edit it there and read it back.</summary>
    /// <exception cref="IOException">The folder cannot be written or the disk is full.</exception>
    public void WriteGeoJson(string path) => AtomicFile.Write(path, temporary =>
    {
        using var stream = File.Create(temporary);
        using var writer = new GeoJsonWriter(stream, $"{SlideName}/tissue");
        Write(writer, Mask, "Tissue", (70, 160, 80));
        Write(writer, Pen.Mask, "Pen", (30, 60, 220));
        Write(writer, Folds.Mask, "Fold", (230, 150, 30));
        writer.Complete();
    });

    private void Write(GeoJsonWriter writer, Raster<byte> mask, string className, (byte R, byte G, byte B) color)
    {
        foreach (var polygon in PolygonTracer.Trace(mask))
        {
            var level0 = polygon.ToLevel0(Grid);
            writer.Write(new GeoJsonFeature
            {
                Polygons = [level0],
                ClassName = className,
                ClassColor = color,
                Measurements = PixelSize is null ? [] : [new("Area mm^2", level0.Area * PixelSize.Area / 1e6)],
            });
        }
    }
}
