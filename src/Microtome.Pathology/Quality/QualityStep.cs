using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>Measures what the verdict on a slide rests on and writes quality.json.</summary>
internal sealed class QualityStep(SlideJob job)
{
    public const string Name = "quality";

    // Every fourth pixel of every fourth row says enough about colours.
    private const int PixelStep = 4;

    // Coarser than this, um per pixel, detail says nothing about focus.
    private const double CoarsestFocus = 0.75;

    // Less of a square, pixels, is not judged.
    private const int LeastSide = 64;

    public void Run(TissueResult tissue, NucleiResult? nuclei)
    {
        nuclei ??= EarlierNuclei(tissue);
        string key = job.Key("quality/2", job.Slide.Name, tissue.OutlineSha256, tissue.Edited, tissue.Details["pen_fraction"], tissue.Details["fold_fraction"], tissue.Details["blur_fraction"], nuclei?.Sha256);
        job.Derive(Name, wanted: true, key, () =>
        {
            Measure(tissue, nuclei).Write(job.Folder.PathOf(SlideQuality.FileName));
            return [SlideQuality.FileName];
        });
    }

    private SlideQuality Measure(TissueResult tissue, NucleiResult? nuclei)
    {
        var tiles = QualityTiles.Choose(tissue.Mask, job.PixelSize);
        var (focus, stain) = Pixels(tissue.Mask, tiles);
        return new SlideQuality
        {
            Slide = job.Slide.Name,
            Mpp = Math.Round(job.PixelSize.Mean, 6),
            MppSource = job.PixelSize.Source.ToString(),
            TissueAreaMm2 = Math.Round(tissue.Mask.AreaMm2 ?? 0, 5),
            TissueFraction = Math.Round(tissue.Mask.Share, 6),
            TissueEdited = tissue.Edited,
            PenFraction = Share("pen_fraction"),
            FoldFraction = Share("fold_fraction"),
            BlurFraction = Share("blur_fraction"),
            Focus = focus,
            Stain = stain,
            Nuclei = nuclei is null ? null : NucleusQualityReader.Read(nuclei.GeoPackage, tissue.Mask, job.PixelSize, tiles, job.Cancellation),
        };

        double Share(string name) => Math.Round((double?)tissue.Details[name] ?? 0, 6);
    }

    private (FocusQuality? Focus, StainQuality? Stain) Pixels(TissueMask tissue, QualityTiles tiles)
    {
        double mpp = Math.Round(Math.Sqrt(tiles.Grid.ScaleX * tiles.Grid.ScaleY * job.PixelSize.Area), 6);
        var sharpness = new double?[tiles.Squares.Count];
        var pixels = new byte[tiles.Squares.Count][];
        bool[] looked = new bool[tiles.Squares.Count];
        long width = (long)(job.Slide.Levels[0].Width / tiles.Grid.ScaleX), height = (long)(job.Slide.Levels[0].Height / tiles.Grid.ScaleY);
        Parallel.For(0, tiles.Squares.Count, new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, job.Settings.Threads), CancellationToken = job.Cancellation }, i =>
        {
            // Beyond the slide there is no tissue, and its border is no detail.
            var square = tiles.Squares[i];
            square = new GridRect(square.X, square.Y, (int)Math.Min(square.Width, width - square.X), (int)Math.Min(square.Height, height - square.Y));
            if (square.Width <= 0 || square.Height <= 0)
            {
                pixels[i] = [];
                return;
            }

            var image = job.Slide.ReadGrid(tiles.Grid, square);
            sharpness[i] = Math.Min(square.Width, square.Height) < LeastSide ? null : FocusMeasure.Sharpness(image);
            looked[i] = Math.Min(square.Width, square.Height) >= LeastSide;
            var kept = new List<byte>();
            for (int y = 0; y < square.Height; y += PixelStep)
            {
                var row = image.Row(y);
                for (int x = 0; x < square.Width; x += PixelStep)
                {
                    if (tissue.Contains(tiles.Grid.ToLevel0(square.X + x + 0.5, square.Y + y + 0.5)))
                        kept.AddRange(row.Slice(x * 3, 3));
                }
            }

            pixels[i] = [.. kept];
        });
        if (tiles.Squares.Count == 0)
            return (null, null);
        int squares = looked.Count(static l => l);
        double[] judged = mpp > CoarsestFocus ? [] : [.. sharpness.Where(static s => s is not null).Select(static s => s!.Value).Order()];
        var focus = new FocusQuality
        {
            Mpp = mpp,
            Tiles = squares,
            JudgedTiles = judged.Length,
            SharpnessMedian = Quantile(judged, 0.5),
            SharpnessP05 = Quantile(judged, 0.05),
            BlurredFraction = mpp > CoarsestFocus || squares == 0 ? null : Math.Round((double)sharpness.Where((s, i) => looked[i] && s is null or < FocusMeasure.BlurredBelow).Count() / squares, 5),
        };
        return (focus, ColourQuality.Of(pixels.SelectMany(static p => p).ToArray()));
    }

    private static double? Quantile(double[] sorted, double share) => sorted.Length == 0 ? null : Math.Round(sorted[(int)(share * (sorted.Length - 1))], 5);

    // A run that does not look for nuclei keeps what an earlier run found on the same tissue.
    private NucleiResult? EarlierNuclei(TissueResult tissue)
    {
        if (job.Folder[NucleiStep.Name] is not { } record || (string?)record.Details["outline_sha256"] != tissue.OutlineSha256 || job.Folder.WhyOutdated(NucleiStep.Name, record.Key) is not null)
            return null;
        return new NucleiResult(job.Folder.PathOf(NucleiStep.GeoPackageName), record.Outputs.First(o => o.Name == NucleiStep.GeoPackageName).Sha256);
    }
}
