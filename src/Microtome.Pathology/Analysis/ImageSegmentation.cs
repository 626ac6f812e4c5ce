using Microtome.Imaging;
using Microtome.Learning;

namespace Microtome.Pathology;

/// <summary>Nuclei of a picture as a label image of the picture's own size, and as outlines.</summary>
public sealed class ImageSegmentation
{
    /// <summary>The most pixels of a picture; larger ones are slides, for which <c>analyze</c> is made.</summary>
    public const long MostPixels = 400_000_000;

    private readonly NucleusModel model;
    private readonly ITileNetwork network;
    private readonly int threads;

    /// <summary>Makes a segmentation.</summary>
    /// <param name="model">The model.</param>
    /// <param name="network">Its network, opened by the caller, who disposes it.</param>
    /// <param name="threads">Threads for reading and post-processing.</param>
    public ImageSegmentation(NucleusModel model, ITileNetwork network, int threads)
    {
        this.model = model;
        this.network = network;
        this.threads = Math.Clamp(threads, 1, 8);
    }

    /// <summary>Segments a picture.</summary>
    /// <param name="picture">The picture; its pixel size must be known.</param>
    /// <param name="progress">Told how far it is, or null.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>Labels 1, 2, ... at the picture's size (0 = background), and the nucleus of each label.</returns>
    /// <exception cref="SlideException">The picture cannot be read, has no pixel size, or is too large for a label image.</exception>
    public (Raster<int> Labels, IReadOnlyList<Nucleus> Nuclei) Run(ISlide picture, IProgress<WalkProgress>? progress, CancellationToken cancellation)
    {
        var pixelSize = picture.RequirePixelSize();
        var level0 = picture.Levels[0];
        if (level0.Width * level0.Height > MostPixels)
            throw new SlideException($"{picture.Path} has {level0.Width:#,##0} x {level0.Height:#,##0} pixels, too many for one label image. Use 'microtome analyze'.");
        var grid = AnalysisGrid.For(pixelSize, model.Mpp);
        var source = new MirroredPicture(picture, grid);
        var (mppX, mppY) = grid.MicronsPerPixel(pixelSize);
        var options = new WalkOptions { InterestMargin = 64, NetworkHalo = 64, TileSize = source.Width * source.Height < 4_000_000 ? 512 : 1024, Readers = threads, Mappers = threads };
        var layout = new WalkLayout(source.Width, source.Height, network.Halo, options, source);
        var map = new LabelledTileMap(grid, Math.Sqrt(mppX * mppY), model.Postprocessing);
        var labels = new Raster<int>((int)level0.Width, (int)level0.Height);
        var nuclei = new List<Nucleus>();
        bool exact = grid is { ScaleX: 1, ScaleY: 1 };
        new TileWalk<LabelledTile>(layout, options, source, network, map).Run(
            (_, tile) =>
            {
                for (int i = 0; i < tile.Nuclei.Length; i++)
                {
                    var nucleus = Move(tile.Nuclei[i], grid);
                    // The mirrored margin shows nuclei again; those whose anchor lies there are not the picture's.
                    if (nucleus.Anchor.X < 0 || nucleus.Anchor.Y < 0 || nucleus.Anchor.X >= source.Width - (2 * MirroredPicture.Margin) || nucleus.Anchor.Y >= source.Height - (2 * MirroredPicture.Margin))
                        continue;
                    int label = nuclei.Count + 1;
                    bool painted = exact ? Paint(labels, tile.Runs[i], label) : Fill(labels, nucleus, label);
                    if (painted)
                        nuclei.Add(nucleus);
                }
            },
            progress,
            cancellation);
        return (labels, nuclei);
    }

    // From the grid with its margin to the picture.
    private static Nucleus Move(Nucleus n, AnalysisGrid grid)
    {
        double dx = -MirroredPicture.Margin * grid.ScaleX, dy = -MirroredPicture.Margin * grid.ScaleY;
        return n with
        {
            Anchor = (n.Anchor.X - MirroredPicture.Margin, n.Anchor.Y - MirroredPicture.Margin),
            Centroid = new Level0Point(n.Centroid.X + dx, n.Centroid.Y + dy),
            Polygon = n.Polygon.Transform(1, 1, dx, dy),
        };
    }

    private static bool Paint(Raster<int> labels, IReadOnlyList<(long Y, long From, long To)> runs, int label)
    {
        bool painted = false;
        foreach (var (gridY, gridFrom, gridTo) in runs)
        {
            long y = gridY - MirroredPicture.Margin, from = Math.Max(0, gridFrom - MirroredPicture.Margin), to = Math.Min(labels.Width, gridTo - MirroredPicture.Margin);
            if (y < 0 || y >= labels.Height || from >= to)
                continue;
            labels.Row((int)y)[(int)from..(int)to].Fill(label);
            painted = true;
        }

        return painted;
    }

    // At another scale a pixel belongs to the outline that holds its centre. Very small outlines may hold none.
    private static bool Fill(Raster<int> labels, Nucleus nucleus, int label)
    {
        var (left, top, right, bottom) = nucleus.Polygon.Bounds;
        int x0 = Math.Max(0, (int)left), y0 = Math.Max(0, (int)top), x1 = Math.Min(labels.Width, (int)right + 1), y1 = Math.Min(labels.Height, (int)bottom + 1);
        if (x0 >= x1 || y0 >= y1)
            return false;
        var box = new Raster<int>(x1 - x0, y1 - y0);
        PolygonRasterizer.Fill(box, nucleus.Polygon.Transform(1, 1, -x0, -y0), 1);
        bool painted = false;
        for (int y = y0; y < y1; y++)
        {
            var row = labels.Row(y);
            for (int x = x0; x < x1; x++)
            {
                if (box[x - x0, y - y0] == 0 || row[x] != 0)
                    continue;
                row[x] = label;
                painted = true;
            }
        }

        return painted;
    }
}
