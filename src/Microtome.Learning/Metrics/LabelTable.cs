using Microtome.Imaging;

namespace Microtome.Learning;

/// <summary>
/// The overlap of two label images as a sparse table: objects numbered from 0 in the order of their first pixel (row by row), whatever their
/// labels were, and one entry for each pair of objects that share pixels. Made in one pass.
/// </summary>
internal sealed class LabelTable
{
    private LabelTable(ObjectIndex truth, ObjectIndex predicted, Overlap[] overlaps)
    {
        TruthAreas = truth.Areas.ToArray();
        PredictedAreas = predicted.Areas.ToArray();
        TruthCentroids = truth.Centroids();
        PredictedCentroids = predicted.Centroids();
        Overlaps = overlaps;
    }

    /// <summary>Pixels of each true object, shape [T].</summary>
    public long[] TruthAreas { get; }

    /// <summary>Pixels of each predicted object, shape [P].</summary>
    public long[] PredictedAreas { get; }

    /// <summary>Mean pixel index of each true object.</summary>
    public (double X, double Y)[] TruthCentroids { get; }

    /// <summary>Mean pixel index of each predicted object.</summary>
    public (double X, double Y)[] PredictedCentroids { get; }

    /// <summary>Pairs that share pixels, ordered by true object, then by predicted object.</summary>
    public Overlap[] Overlaps { get; }

    public static LabelTable Count(Raster<int> truth, Raster<int> predicted)
    {
        if (truth.Width != predicted.Width || truth.Height != predicted.Height)
        {
            throw new ArgumentException(
                $"The truth is {truth.Width} x {truth.Height} px and the prediction {predicted.Width} x {predicted.Height} px: compare label images of one size.",
                nameof(predicted));
        }

        var t = new ObjectIndex(truth);
        var p = new ObjectIndex(predicted);
        var pairs = new Dictionary<long, int>();
        for (var y = 0; y < truth.Height; y++)
        {
            var a = truth.Row(y);
            var b = predicted.Row(y);
            var x = 0;
            while (x < a.Length)
            {
                // Labels come in runs: the tables are touched once a run.
                var (labelA, labelB) = (a[x], b[x]);
                var start = x++;
                while (x < a.Length && a[x] == labelA && b[x] == labelB)
                    x++;
                var i = t.Add(labelA, start, x, y);
                var j = p.Add(labelB, start, x, y);
                if (i < 0 || j < 0)
                    continue;
                ref var count = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(pairs, ((long)i << 32) | (uint)j, out _);
                count += x - start;
            }
        }

        var overlaps = pairs.Select(pair => new Overlap((int)(pair.Key >> 32), (int)(pair.Key & 0xFFFFFFFF), pair.Value)).ToArray();
        Array.Sort(overlaps, static (a, b) => a.Truth != b.Truth ? a.Truth.CompareTo(b.Truth) : a.Predicted.CompareTo(b.Predicted));
        return new LabelTable(t, p, overlaps);
    }

    /// <summary>Intersection over union of a pair.</summary>
    public double Iou(Overlap overlap) => (double)overlap.Pixels / Union(overlap);

    /// <summary>Pixels that belong to either object of a pair.</summary>
    public long Union(Overlap overlap) => TruthAreas[overlap.Truth] + PredictedAreas[overlap.Predicted] - overlap.Pixels;

    internal readonly record struct Overlap(int Truth, int Predicted, int Pixels);

    /// <summary>Numbers the labels of one image in the order of their first pixel. Labels need not be contiguous.</summary>
    private sealed class ObjectIndex
    {
        private readonly int[]? _dense;
        private readonly Dictionary<int, int>? _sparse;
        private readonly List<long> _sumX = [];
        private readonly List<long> _sumY = [];

        public ObjectIndex(Raster<int> labels)
        {
            var largest = 0;
            foreach (var label in labels.Samples)
            {
                if (label < 0)
                    throw new ArgumentException($"A label image holds the value {label}: labels are 0 for the background and positive for objects.", nameof(labels));
                largest = Math.Max(largest, label);
            }

            // A table for ordinary label images, a dictionary when labels are few but huge (ids of a whole slide).
            if (largest <= (2L * labels.Samples.Length) + 65536)
            {
                _dense = new int[largest + 1];
                Array.Fill(_dense, -1);
            }
            else
            {
                _sparse = [];
            }
        }

        public List<long> Areas { get; } = [];

        public int Add(int label, int start, int end, int y)
        {
            if (label == 0)
                return -1;
            int index;
            if (_dense != null)
            {
                index = _dense[label];
                if (index < 0)
                    index = _dense[label] = New();
            }
            else if (!_sparse!.TryGetValue(label, out index))
            {
                index = _sparse[label] = New();
            }

            long n = end - start;
            Areas[index] += n;
            _sumX[index] += n * (start + end - 1) / 2; // start + ... + (end - 1), always an integer
            _sumY[index] += n * y;
            return index;
        }

        public (double X, double Y)[] Centroids() => [.. Areas.Select((area, i) => ((double)_sumX[i] / area, (double)_sumY[i] / area))];

        private int New()
        {
            Areas.Add(0);
            _sumX.Add(0);
            _sumY.Add(0);
            return Areas.Count - 1;
        }
    }
}
