namespace Microtome.Imaging;

/// <summary>The steps of <see cref="TissueMask.Detect"/>, in their order.</summary>
internal sealed class TissueDetector(ISlide slide, TissueOptions options, int threads, CancellationToken cancellation)
{
    private const int Bins = 512;
    private const double LargestScore = 0.64;
    private const int BandRows = 64;

    // Brighter than this and nearly grey: may be glass.
    private const int GlassFrom = 185;
    private const int GlassChroma = 14;
    private const int GlassSpread = 12;

    // A piece of tissue need not be larger than this share of the picture: fields and crops are small.
    private const double PieceOfPicture = 0.02;

    private const double FoldFactor = 2.2;
    private const double FoldDensity = 0.40;
    private const double FoldMm2 = 0.004;
    private const double PenMm2 = 0.03;
    private const double BlurMicrons = 0.5;
    private const int BlurTile = 256;

    /// <summary>Runs them.</summary>
    public TissueMask Detect()
    {
        var (grid, width, height) = TissueGrid.Of(slide, options.MicronsPerPixel);
        var micronsX = slide.PixelSize is { } size ? grid.ScaleX * size.X : options.MicronsPerPixel;
        var micronsY = slide.PixelSize is { } same ? grid.ScaleY * same.Y : options.MicronsPerPixel;
        var microns = (micronsX + micronsY) / 2;
        var smallest = Math.Min(PixelsOf(options.SmallestMm2), PieceOfPicture * width * height);
        double PixelsOf(double mm2) => mm2 * 1e6 / (micronsX * micronsY);

        var picture = Read(grid, width, height);
        var (color, density) = Densities(picture, GlassOf(picture));
        var score = color;
        if (options.DensityWeight > 0)
        {
            score = new Raster<float>(width, height);
            for (var i = 0; i < score.Samples.Length; i++)
                score.Samples[i] = color.Samples[i] + ((float)options.DensityWeight * density.Samples[i]);
        }

        score = GaussianBlur.Apply(score, 1);
        var threshold = Threshold(score);
        var mask = new Raster<byte>(width, height);
        for (var i = 0; i < mask.Samples.Length; i++)
            mask.Samples[i] = score.Samples[i] > threshold ? (byte)1 : (byte)0;

        var pen = Pen(picture, microns, PixelsOf(PenMm2));
        var excludePen = options.ExcludePen && pen.Samples.AsSpan().IndexOf((byte)1) >= 0;
        if (excludePen)
            Subtract(mask, Morphology.DilateDisk(pen, 3));

        // Specks go before the closing, or dust on the glass would be joined into pieces.
        mask = Morphology.OpenDisk(mask, 1);
        ConnectedComponents.RemoveSmall(mask, (long)Math.Max(2, smallest / 8));
        mask = Morphology.CloseDisk(mask, options.ClosingMicrons / microns);
        if (excludePen)
            Subtract(mask, pen);
        ConnectedComponents.FillHoles(mask, (long)PixelsOf(options.LargestHoleMm2));
        ConnectedComponents.RemoveSmall(mask, (long)smallest);

        var folds = Folds(mask, color, density, PixelsOf(FoldMm2));
        return Finish(grid, mask, pen, folds, threshold);
    }

    private TissueMask Finish(AnalysisGrid grid, Raster<byte> mask, Raster<byte> pen, Raster<byte> folds, double threshold)
    {
        var notes = new List<string>();
        if (slide.PixelSize is null)
            notes.Add("The slide does not say how large its pixels are: sizes in um and mm2 were taken as if a mask pixel were 8 um. Pass --mpp.");
        var tissue = Math.Max(1, mask.Samples.Count(v => v != 0));
        var penFlag = new TissueFlag((double)pen.Samples.Count(v => v != 0) / pen.Samples.Length, pen);
        var foldFlag = new TissueFlag((double)folds.Samples.Count(v => v != 0) / tissue, folds);
        var blurFlag = Blur(new TissueMask(slide.Name, mask, grid, slide.PixelSize, []), notes);
        if (penFlag.Share > 0)
            notes.Add($"Pen marks cover {penFlag.Share:0.0 %} of the slide{(options.ExcludePen ? " and were taken out" : string.Empty)}.");
        if (foldFlag.Share > 0.01)
            notes.Add($"{foldFlag.Share:0.0 %} of the tissue is much darker than the rest: folded, or dense such as keratin.");
        if (blurFlag.Share > 0.1)
            notes.Add($"{blurFlag.Share:0 %} of the sampled places look out of focus.");
        return new TissueMask(slide.Name, mask, grid, slide.PixelSize, notes) { Pen = penFlag, Folds = foldFlag, Blur = blurFlag, Threshold = threshold };
    }

    private RgbImage Read(AnalysisGrid grid, int width, int height)
    {
        var picture = new RgbImage(width, height);
        var bands = (height + BandRows - 1) / BandRows;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, threads), CancellationToken = cancellation };
        try
        {
            Parallel.For(0, bands, parallel, band =>
            {
                var top = band * BandRows;
                var part = slide.ReadGrid(grid, new GridRect(0, top, width, Math.Min(BandRows, height - top)));
                part.Pixels.CopyTo(picture.Pixels.AsSpan(top * width * 3));
            });
        }
        catch (AggregateException e) when (e.InnerExceptions.OfType<SlideException>().FirstOrDefault() is { } first)
        {
            throw new SlideException(first.Message, e);
        }

        return picture;
    }

    /// <summary>
    /// The commonest value of each channel among bright, nearly grey pixels, white when there are hardly any. Glass is the brightest thing on a slide: where the
    /// commonest grey is clearly darker than the brightest hundredth, it is pale tissue, and only that brightest part is looked at. Pixels of pure white are
    /// left out: readers put them where nothing was scanned.
    /// </summary>
    private static (byte R, byte G, byte B) GlassOf(RgbImage picture)
    {
        var counts = new long[3, 256];
        var n = Count(GlassFrom);
        if (n < Math.Max(20, picture.Pixels.Length / 3 / 500))
            return (255, 255, 255);
        var top = 255;
        for (long above = counts[1, top]; above * 100 < n; above += counts[1, top])
            top--;
        if (Mode(1) < top - GlassSpread)
            Count(top - GlassSpread);
        return (Mode(0), Mode(1), Mode(2));

        long Count(int from)
        {
            Array.Clear(counts);
            long found = 0;
            var pixels = picture.Pixels;
            for (var p = 0; p < pixels.Length; p += 3)
            {
                byte r = pixels[p], g = pixels[p + 1], b = pixels[p + 2];
                int low = Math.Min(r, Math.Min(g, b)), high = Math.Max(r, Math.Max(g, b));
                if (low == 255 || g < from || low < GlassFrom || high - low > GlassChroma)
                    continue;
                found++;
                counts[0, r]++;
                counts[1, g]++;
                counts[2, b]++;
            }

            return found;
        }

        byte Mode(int channel)
        {
            var best = GlassFrom;
            for (var v = GlassFrom; v < 256; v++)
            {
                if (counts[channel, v] > counts[channel, best])
                    best = v;
            }

            return (byte)best;
        }
    }

    /// <summary>The spread of optical density over the channels (colour), and its mean (darkness), against the glass.</summary>
    private static (Raster<float> Color, Raster<float> Density) Densities(RgbImage picture, (byte R, byte G, byte B) glass)
    {
        var (color, density) = (new Raster<float>(picture.Width, picture.Height), new Raster<float>(picture.Width, picture.Height));
        float r0 = OpticalDensity.Of(glass.R), g0 = OpticalDensity.Of(glass.G), b0 = OpticalDensity.Of(glass.B);
        var table = OpticalDensity.Table;
        var pixels = picture.Pixels;
        for (int i = 0, p = 0; i < color.Samples.Length; i++, p += 3)
        {
            float r = Math.Max(0, table[pixels[p]] - r0), g = Math.Max(0, table[pixels[p + 1]] - g0), b = Math.Max(0, table[pixels[p + 2]] - b0);
            color.Samples[i] = Math.Max(r, Math.Max(g, b)) - Math.Min(r, Math.Min(g, b));
            density.Samples[i] = (r + g + b) / 3;
        }

        return (color, density);
    }

    private double Threshold(Raster<float> score)
    {
        var counts = new long[Bins];
        foreach (var s in score.Samples)
            counts[(int)Math.Clamp(s * (Bins / LargestScore), 0, Bins - 1)]++;
        var bin = HistogramThreshold.Otsu(counts);
        if (options.Rule == TissueThresholdRule.Triangle)
        {
            // The foot of the peak is a threshold only when the peak is the glass; otherwise tissue fills most of the picture.
            var peakIsGlass = (counts.AsSpan().IndexOf(counts.Max()) + 1) * LargestScore / Bins <= options.LowestThreshold;
            bin = peakIsGlass ? HistogramThreshold.Triangle(counts) : 0;
        }

        return Math.Clamp((bin + 1) * LargestScore / Bins, options.LowestThreshold, options.HighestThreshold);
    }

    private static Raster<byte> Pen(RgbImage picture, double microns, double smallest)
    {
        var ink = new Raster<byte>(picture.Width, picture.Height);
        var any = false;
        for (int i = 0, p = 0; i < ink.Samples.Length; i++, p += 3)
        {
            if (!PenRules.IsInk(picture.Pixels[p], picture.Pixels[p + 1], picture.Pixels[p + 2]))
                continue;
            ink.Samples[i] = 1;
            any = true;
        }

        if (!any)
            return ink;

        // A stroke is broad: what is thinner than 50 um is no ink (hairs, colour fringes).
        ink = Morphology.OpenDisk(Morphology.CloseDisk(ink, 16 / microns), Math.Max(1, 24 / microns));
        ConnectedComponents.RemoveSmall(ink, (long)smallest);
        return ink;
    }

    /// <summary>Folded tissue lies double: much darker than the tissue of the slide commonly is, and as colourful.</summary>
    private static Raster<byte> Folds(Raster<byte> mask, Raster<float> color, Raster<float> density, double smallest)
    {
        var folds = new Raster<byte>(mask.Width, mask.Height);
        var values = new List<float>();
        for (var i = 0; i < mask.Samples.Length; i++)
        {
            if (mask.Samples[i] != 0)
                values.Add(density.Samples[i]);
        }

        if (values.Count == 0)
            return folds;
        values.Sort();
        var limit = Math.Max(FoldDensity, FoldFactor * values[values.Count / 2]);
        for (var i = 0; i < mask.Samples.Length; i++)
            folds.Samples[i] = mask.Samples[i] != 0 && density.Samples[i] > limit && color.Samples[i] > FoldDensity / 2 ? (byte)1 : (byte)0;
        folds = Morphology.OpenDisk(folds, 1);
        ConnectedComponents.RemoveSmall(folds, (long)Math.Max(4, smallest));
        return folds;
    }

    private TissueFlag Blur(TissueMask tissue, List<string> notes)
    {
        var mask = tissue.Mask;
        var flagged = new Raster<byte>(mask.Width, mask.Height);
        if (options.BlurSamples <= 0 || slide.PixelSize is not { } size || size.Mean > 2 * BlurMicrons)
            return new TissueFlag(0, flagged);
        var grid = new AnalysisGrid(BlurMicrons / size.X, BlurMicrons / size.Y);
        var places = TissuePlaces.Choose(tissue, grid, BlurTile, options.BlurSamples, 0.6);
        var blurred = new bool[places.Count];
        var judged = new bool[places.Count];
        Parallel.For(0, places.Count, new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, threads), CancellationToken = cancellation }, i =>
        {
            var (laplacian, grey) = BlurCheck.Variances(slide.ReadGrid(grid, places[i]));
            judged[i] = grey >= BlurCheck.FlatBelow;
            blurred[i] = judged[i] && laplacian < BlurCheck.BlurredBelow;
        });
        for (var i = 0; i < places.Count; i++)
        {
            if (!blurred[i])
                continue;
            var box = TissuePlaces.OnMask(tissue, grid, places[i]);
            for (var y = box.Y; y < box.Bottom; y++)
                flagged.Row(y).Slice(box.X, box.Width).Fill(1);
        }

        var count = judged.Count(j => j);
        if (count == 0 && places.Count > 0)
            notes.Add("The sampled places are too plain to judge their focus.");
        return new TissueFlag(count == 0 ? 0 : (double)blurred.Count(b => b) / count, flagged);
    }

    private static void Subtract(Raster<byte> mask, Raster<byte> other)
    {
        for (var i = 0; i < mask.Samples.Length; i++)
        {
            if (other.Samples[i] != 0)
                mask.Samples[i] = 0;
        }
    }
}
