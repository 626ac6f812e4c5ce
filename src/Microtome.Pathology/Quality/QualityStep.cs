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

    public void Run(TissueResult tissue, NucleiResult? nuclei)
    {
        nuclei ??= EarlierNuclei(tissue);
        string key = job.Key("quality/1", job.Slide.Name, tissue.OutlineSha256, tissue.Edited, tissue.Details["pen_fraction"], tissue.Details["fold_fraction"], tissue.Details["blur_fraction"], nuclei?.Sha256);
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
        Parallel.For(0, tiles.Squares.Count, new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, job.Settings.Threads), CancellationToken = job.Cancellation }, i =>
        {
            var square = tiles.Squares[i];
            var image = job.Slide.ReadGrid(tiles.Grid, square);
            sharpness[i] = FocusMeasure.Sharpness(image);
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
        double[] judged = mpp > CoarsestFocus ? [] : [.. sharpness.Where(static s => s is not null).Select(static s => s!.Value).Order()];
        var focus = new FocusQuality
        {
            Mpp = mpp,
            Tiles = tiles.Squares.Count,
            JudgedTiles = judged.Length,
            SharpnessMedian = Quantile(judged, 0.5),
            SharpnessP05 = Quantile(judged, 0.05),
            BlurredFraction = mpp > CoarsestFocus ? null : Math.Round((double)sharpness.Count(static s => s is null or < FocusMeasure.BlurredBelow) / sharpness.Length, 5),
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
