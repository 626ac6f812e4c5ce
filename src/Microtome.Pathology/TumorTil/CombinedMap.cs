using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>
/// The published combined map of tumor and lymphocytes: a pixel per lymphocyte patch (50 um), red = lymphocyte probability times 255, green = tumor probability times 255,
/// blue = <see cref="CombinedMapClass"/>. The class is data of its own: it does not follow from red and green by one cut.
/// </summary>
public sealed class CombinedMap
{
    /// <summary>Cut of the blurred tumor map of the published viewer; low on purpose, for a whole picture.</summary>
    public const double ViewerTumorThreshold = 0.2;

    private CombinedMap(RgbImage pixels) => Pixels = pixels;

    /// <summary>The coded pixels.</summary>
    public RgbImage Pixels { get; }

    /// <summary>Width in pixels.</summary>
    public int Width => Pixels.Width;

    /// <summary>Height in pixels.</summary>
    public int Height => Pixels.Height;

    /// <summary>The class of a pixel.</summary>
    public CombinedMapClass this[int x, int y] => (CombinedMapClass)Pixels.Row(y)[(x * 3) + 2];

    /// <summary>Decodes a map.</summary>
    /// <exception cref="SlideException">The file is no picture, or its blue channel holds other codes.</exception>
    public static CombinedMap Read(string path)
    {
        var image = ImageFile.ReadRgb(path);
        for (int i = 2; i < image.Pixels.Length; i += 3)
        {
            if (image.Pixels[i] is not (0 or >= 252))
                throw new SlideException($"{path} is no combined map: blue is {image.Pixels[i]} at x = {i / 3 % image.Width}, y = {i / 3 / image.Width}, and the classes are 0 and 252 to 255. A picture that was resized or saved as JPEG has lost them.");
        }

        return new CombinedMap(image);
    }

    /// <summary>
    /// Makes one on the grid of the lymphocyte map, as the viewer's merge does (section 3.2): the tumor map is blurred by a 3 x 3 Gaussian (1 2 1) over its known
    /// cells and looked up at the centre of each lymphocyte patch. A cell without a patch, or for which both maps hold exactly 0 (patches that were skipped as glass), is no tissue.
    /// </summary>
    public static CombinedMap Merge(PatchMap tumor, PatchMap til, double tilThreshold, double tumorThreshold = ViewerTumorThreshold)
    {
        var image = new RgbImage(til.Columns.Count, til.Rows.Count);
        for (int y = 0; y < image.Height; y++)
        {
            var row = image.Row(y);
            int tumorRow = Cell(tumor.Rows, til.Rows.Edge(y) + (til.Rows.Step / 2));
            for (int x = 0; x < image.Width; x++)
            {
                float lymphocytes = til.Values[x, y];
                int tumorColumn = Cell(tumor.Columns, til.Columns.Edge(x) + (til.Columns.Step / 2));
                bool known = tumorRow >= 0 && tumorColumn >= 0 && !float.IsNaN(tumor.Values[tumorColumn, tumorRow]);
                float sharp = known ? tumor.Values[tumorColumn, tumorRow] : 0;
                double cancer = known ? Blurred(tumor.Values, tumorColumn, tumorRow) : 0;
                bool tissue = !float.IsNaN(lymphocytes) && (lymphocytes > 0 || sharp > 0);
                row[x * 3] = float.IsNaN(lymphocytes) ? (byte)0 : (byte)Math.Round(lymphocytes * 255);
                row[(x * 3) + 1] = (byte)Math.Round(cancer * 255);
                bool isTil = lymphocytes >= (float)tilThreshold, isTumor = cancer >= tumorThreshold;
                row[(x * 3) + 2] = (byte)(!tissue ? CombinedMapClass.None
                    : isTil && isTumor ? CombinedMapClass.TumorAndTil
                    : isTil ? CombinedMapClass.Til
                    : isTumor ? CombinedMapClass.Tumor
                    : CombinedMapClass.Tissue);
            }
        }

        return new CombinedMap(image);
    }

    /// <summary>Writes the coding.</summary>
    /// <exception cref="IOException">The folder cannot be written or the disk is full.</exception>
    public void Write(string path) => ImageFile.WritePng(path, Pixels);

    /// <summary>Counts the classes.</summary>
    public CombinedMapCounts Count()
    {
        long[] counts = new long[256];
        for (int i = 2; i < Pixels.Pixels.Length; i += 3)
            counts[Pixels.Pixels[i]]++;
        return new CombinedMapCounts(counts[0], counts[252], counts[253], counts[254], counts[255]);
    }

    /// <summary>Writes the class view in the published colours: no tissue transparent, tissue grey, tumor yellow, lymphocytes red, both orange.</summary>
    /// <exception cref="IOException">The folder cannot be written or the disk is full.</exception>
    public void WriteClassView(string path) => AtomicFile.WriteAllBytes(path, EncodeClassView());

    /// <summary>The class view as a PNG.</summary>
    /// <param name="left">Empty pixels to add on the left, so that the picture covers the slide.</param>
    /// <param name="top">Empty pixels to add above.</param>
    /// <param name="width">Width of the whole picture; null: that of the map.</param>
    /// <param name="height">Height of the whole picture; null: that of the map.</param>
    public byte[] EncodeClassView(int left = 0, int top = 0, int? width = null, int? height = null)
    {
        var (view, alpha) = ClassView();
        if (left == 0 && top == 0 && (width ?? Width) == Width && (height ?? Height) == Height)
            return PngWriter.Write(view, alpha);
        var frame = new RgbImage(Math.Max(width ?? 0, left + Width), Math.Max(height ?? 0, top + Height));
        byte[] seen = new byte[frame.Width * frame.Height];
        for (int y = 0; y < Height; y++)
        {
            view.Row(y).CopyTo(frame.Row(top + y)[(left * 3)..]);
            alpha.AsSpan(y * Width, Width).CopyTo(seen.AsSpan(((top + y) * frame.Width) + left));
        }

        return PngWriter.Write(frame, seen);
    }

    internal (RgbImage Colours, byte[] Alpha) ClassView()
    {
        var view = new RgbImage(Width, Height);
        byte[] alpha = new byte[Width * Height];
        for (int i = 0; i < alpha.Length; i++)
        {
            var code = (CombinedMapClass)Pixels.Pixels[(i * 3) + 2];
            alpha[i] = code == CombinedMapClass.None ? (byte)0 : (byte)255;
            var (r, g, b) = code switch
            {
                CombinedMapClass.Tissue => (192, 192, 192),
                CombinedMapClass.Tumor => (255, 255, 0),
                CombinedMapClass.Til => (255, 0, 0),
                CombinedMapClass.TumorAndTil => (255, 165, 0),
                _ => (0, 0, 0),
            };
            (view.Pixels[i * 3], view.Pixels[(i * 3) + 1], view.Pixels[(i * 3) + 2]) = ((byte)r, (byte)g, (byte)b);
        }

        return (view, alpha);
    }

    private static int Cell(PatchAxis axis, double place)
    {
        double cell = Math.Floor((place - axis.Start) / axis.Step);
        return cell >= 0 && cell < axis.Count ? (int)cell : -1;
    }

    private static double Blurred(Raster<float> map, int x, int y)
    {
        double sum = 0, weights = 0;
        for (int dy = -1; dy <= 1; dy++)
        {
            for (int dx = -1; dx <= 1; dx++)
            {
                if ((uint)(x + dx) >= (uint)map.Width || (uint)(y + dy) >= (uint)map.Height || float.IsNaN(map[x + dx, y + dy]))
                    continue;
                int weight = (2 - Math.Abs(dx)) * (2 - Math.Abs(dy));
                sum += weight * map[x + dx, y + dy];
                weights += weight;
            }
        }

        return sum / weights;
    }
}
