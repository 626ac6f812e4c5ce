using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>
/// The published baseline: seeds from a detection map, compact watershed of the segmentation map (Hou et al. 2020; section 3.4 of the nuclei method page).
/// Kept to compare with; <see cref="NucleusWatershed"/> is what the program uses.
/// </summary>
public static class SeededWatershed
{
    private const int Pad = 210;

    /// <summary>Finds the nuclei.</summary>
    /// <param name="segmentation">Probability of nucleus in steps of 1/255, 0.25 um per pixel.</param>
    /// <param name="detection">Probability of a nucleus' centre in steps of 1/255.</param>
    /// <param name="options">Thresholds.</param>
    /// <returns>
    /// The labels, and the number of objects written. Where objects overlap, which only <see cref="SeededWatershedOptions.AsCoded"/> makes, the smaller keeps the pixel.
    /// </returns>
    /// <exception cref="ArgumentException">The maps differ in size.</exception>
    public static (Raster<int> Labels, int Objects) Segment(Raster<byte> segmentation, Raster<byte> detection, SeededWatershedOptions? options = null)
    {
        options ??= new SeededWatershedOptions();
        if (segmentation.Width != detection.Width || segmentation.Height != detection.Height)
            throw new ArgumentException($"The maps are {segmentation.Width} x {segmentation.Height} and {detection.Width} x {detection.Height} px.", nameof(detection));
        var (width, height) = (segmentation.Width + (2 * Pad), segmentation.Height + (2 * Pad));
        var seeds = Seeds(detection, options);
        var padded = new Raster<float>(width, height);
        for (var y = 0; y < segmentation.Height; y++)
        {
            for (var x = 0; x < segmentation.Width; x++)
                padded[x + Pad, y + Pad] = segmentation[x, y];
        }

        var landscape = GaussianBlur.Apply(padded, 0.5);
        var mask = Threshold(landscape, options.SegmentationThreshold * 255);
        if (options.Recall)
            AddRecallSeeds(seeds, mask, landscape, options.MaxRecallArea);
        var flooded = Flood(landscape, mask, Markers(seeds, width, height), options.Compactness);
        return Write(seeds, flooded, segmentation.Width, segmentation.Height, options);
    }

    /// <summary>The middle of the bounding box of each detection, in the padded frame.</summary>
    private static List<(int X, int Y)> Seeds(Raster<byte> detection, SeededWatershedOptions options)
    {
        var probability = new Raster<float>(detection.Width, detection.Height);
        for (var i = 0; i < probability.Samples.Length; i++)
            probability.Samples[i] = detection.Samples[i] / 255f;
        var (labels, count) = ConnectedComponents.Label(Threshold(GaussianBlur.Apply(probability, 1), options.DetectionThreshold));
        return [.. ConnectedComponents.BoundingBoxes(labels, count).Where(b => !b.IsEmpty).Select(b => (((b.X + b.Right - 1) / 2) + Pad, ((b.Y + b.Bottom - 1) / 2) + Pad))];
    }

    private static Raster<byte> Threshold(Raster<float> map, double threshold)
    {
        var mask = new Raster<byte>(map.Width, map.Height);
        for (var i = 0; i < mask.Samples.Length; i++)
            mask.Samples[i] = map.Samples[i] > threshold ? (byte)1 : (byte)0;
        return mask;
    }

    private static void AddRecallSeeds(List<(int X, int Y)> seeds, Raster<byte> mask, Raster<float> landscape, int maxArea)
    {
        var (labels, count) = ConnectedComponents.Label(mask);
        var area = new int[count + 1];
        var best = new int[count + 1];
        Array.Fill(best, -1);
        for (var i = 0; i < labels.Samples.Length; i++)
        {
            var label = labels.Samples[i];
            area[label]++;
            if (best[label] < 0 || landscape.Samples[i] > landscape.Samples[best[label]])
                best[label] = i;
        }

        var seeded = seeds.Select(s => labels[s.X, s.Y]).ToHashSet();
        for (var label = 1; label <= count; label++)
        {
            if (!seeded.Contains(label) && area[label] < maxArea)
                seeds.Add((best[label] % mask.Width, best[label] / mask.Width));
        }
    }

    private static Raster<int> Markers(List<(int X, int Y)> seeds, int width, int height)
    {
        var dilated = new Raster<byte>(width, height);
        foreach (var (x, y) in seeds)
        {
            for (var v = y - 1; v <= y + 1; v++)
            {
                for (var u = x - 1; u <= x + 1; u++)
                    dilated[u, v] = 1;
            }
        }

        return ConnectedComponents.Label(dilated).Labels;
    }

    /// <summary>Compact watershed (Neubert and Protzel 2014): the priority of a pixel is its depth plus the weighted distance to the marker pixel that it was reached from.</summary>
    private static Raster<int> Flood(Raster<float> landscape, Raster<byte> mask, Raster<int> markers, double compactness)
    {
        var labels = new Raster<int>(mask.Width, mask.Height);
        var queue = new PriorityQueue<(int Pixel, int Source), (double Value, long Age)>();
        long age = 0;
        for (var i = 0; i < markers.Samples.Length; i++)
        {
            if (markers.Samples[i] != 0 && mask.Samples[i] != 0)
                queue.Enqueue((i, i), (-landscape.Samples[i], age++));
        }

        while (queue.TryDequeue(out var item, out _))
        {
            if (labels.Samples[item.Pixel] != 0)
                continue;
            labels.Samples[item.Pixel] = markers.Samples[item.Source];
            foreach (var next in (ReadOnlySpan<int>)[item.Pixel - mask.Width, item.Pixel - 1, item.Pixel + 1, item.Pixel + mask.Width])
            {
                // The padding keeps the mask away from the edges.
                if (mask.Samples[next] == 0 || labels.Samples[next] != 0)
                    continue;
                double dx = (next % mask.Width) - (item.Source % mask.Width), dy = (next / mask.Width) - (item.Source / mask.Width);
                queue.Enqueue((next, item.Source), (-landscape.Samples[next] + (compactness * Math.Sqrt((dx * dx) + (dy * dy))), age++));
            }
        }

        return labels;
    }

    private static (Raster<int> Labels, int Objects) Write(List<(int X, int Y)> seeds, Raster<int> flooded, int width, int height, SeededWatershedOptions options)
    {
        var result = new Raster<int>(width, height);
        var written = new HashSet<int>();
        var objects = new List<(PixelBox Box, Raster<byte> Cut, int Area)>();
        var boxes = ConnectedComponents.BoundingBoxes(flooded, flooded.Samples.Max());
        foreach (var (x, y) in seeds)
        {
            var label = flooded[x, y];
            if (!options.AsCoded && (label == 0 || !written.Add(label)))
                continue;

            // The window around the seed; for a nucleus no more of it than holds the nucleus.
            var window = new PixelBox(x - options.Window, y - options.Window, (2 * options.Window) + 1, (2 * options.Window) + 1);
            var box = label == 0 ? window : Intersect(window, boxes[label]);
            var cut = new Raster<byte>(box.Width, box.Height);
            for (var v = 0; v < box.Height; v++)
            {
                for (var u = 0; u < box.Width; u++)
                {
                    var (gx, gy) = (box.X + u, box.Y + v);
                    if (gx >= 0 && gy >= 0 && gx < flooded.Width && gy < flooded.Height && flooded[gx, gy] == label)
                        cut[u, v] = 1;
                }
            }

            ConnectedComponents.FillHoles(cut);
            var area = cut.Samples.Count(p => p != 0);
            if (area < options.MinArea || area >= window.Width * window.Height)
                continue;
            objects.Add((box, cut, area));
        }

        // Large first: a nucleus keeps its pixels where the background was written as one.
        var number = 0;
        foreach (var (box, cut, _) in objects.OrderByDescending(static o => o.Area))
        {
            number++;
            for (var v = 0; v < box.Height; v++)
            {
                for (var u = 0; u < box.Width; u++)
                {
                    var (gx, gy) = (box.X + u - Pad, box.Y + v - Pad);
                    if (cut[u, v] != 0 && gx >= 0 && gy >= 0 && gx < width && gy < height)
                        result[gx, gy] = number;
                }
            }
        }

        return (result, objects.Count);
    }

    private static PixelBox Intersect(PixelBox a, PixelBox b)
    {
        var (left, top) = (Math.Max(a.X, b.X), Math.Max(a.Y, b.Y));
        return new PixelBox(left, top, Math.Min(a.Right, b.Right) - left, Math.Min(a.Bottom, b.Bottom) - top);
    }
}
