using Microtome.Imaging;
using Microtome.Learning;

namespace Microtome.Pathology;

/// <summary>
/// Watershed of one component by immersion (Vincent and Soille 1991) with the merging of summits built in: pixels are taken from the highest level
/// down; where two basins meet, the one with the lower summit joins the other unless it stands out enough (its dynamics, its height, its area above
/// the pass). That gives the basins of the h-maxima in one pass, without reconstruction.
/// </summary>
internal sealed class ComponentFlood
{
    /// <summary>Levels of the landscape: 12 bits.</summary>
    public const int Levels = 4096;

    private const ushort Seen = ushort.MaxValue;

    private readonly NucleusPostprocessingOptions _options;
    private readonly int _dynamics;
    private readonly int _minimum;
    private ushort[] _level = []; // 0 outside the component, otherwise 1 + level
    private int[] _basin = []; // 0 not flooded yet
    private int[] _pixels = [];
    private int[] _sorted = [];
    private int[] _queue = [];
    private Basin[] _basins = new Basin[64];
    private int _basinCount;
    private int _stride;
    private readonly int[] _counts = new int[64];
    private readonly byte _threshold;
    private readonly List<(int X, int Y, int Owner)> _filled = [];

    public ComponentFlood(NucleusPostprocessingOptions options, byte threshold)
    {
        _options = options;
        _threshold = threshold;
        _dynamics = (int)Math.Round(options.MarkerDynamics * 255 * 16);
        _minimum = (int)Math.Round(options.MarkerMinimum * 255 * 16);
    }

    public void Run(ForegroundRuns runs, in ForegroundRuns.Component component, ushort[] landscape, ByteMaps maps, Raster<int> labels, List<NucleusRegion> regions)
    {
        var count = Load(runs, component, landscape, labels.Width);
        SortByLevel(count);
        Flood(count);
        if (_options.FillHoles && component.Holes > 0)
            FillHoles(component, maps);
        Write(runs, component, maps, labels, regions);
    }

    /// <summary>Copies the component into a box of its own with a border of one pixel.</summary>
    private int Load(ForegroundRuns runs, in ForegroundRuns.Component component, ushort[] landscape, int width)
    {
        _stride = component.Right - component.Left + 2;
        var size = _stride * (component.Bottom - component.Top + 2);
        if (_level.Length < size)
        {
            var capacity = Math.Max(size, _level.Length * 2);
            _level = new ushort[capacity];
            _basin = new int[capacity];
            _pixels = new int[capacity];
            _sorted = new int[capacity];
            _queue = new int[capacity];
        }

        _level.AsSpan(0, size).Clear();
        _basin.AsSpan(0, size).Clear();
        _basinCount = 0;
        _filled.Clear();
        var count = 0;
        for (var r = component.FirstRun; r >= 0; r = runs.Runs[r].Next)
        {
            ref readonly var run = ref runs.Runs[r];
            var source = landscape.AsSpan((run.Y * width) + run.Start, run.End - run.Start);
            var at = ((run.Y - component.Top + 1) * _stride) + run.Start - component.Left + 1;
            for (var i = 0; i < source.Length; i++)
            {
                _level[at + i] = (ushort)(source[i] + 1);
                _pixels[count++] = at + i;
            }
        }

        return count;
    }

    /// <summary>Highest first; equal levels in the order of rows and columns. Two stable passes of 6 bits: small counters suit small components.</summary>
    private void SortByLevel(int count)
    {
        Pass(_pixels, _sorted, 0);
        Pass(_sorted, _pixels, 6);

        void Pass(int[] from, int[] to, int shift)
        {
            var counts = _counts;
            Array.Clear(counts);
            for (var i = 0; i < count; i++)
                counts[63 - (((_level[from[i]] - 1) >> shift) & 63)]++;
            var sum = 0;
            for (var i = 0; i < counts.Length; i++)
                (counts[i], sum) = (sum, sum + counts[i]);
            for (var i = 0; i < count; i++)
                to[counts[63 - (((_level[from[i]] - 1) >> shift) & 63)]++] = from[i];
        }
    }

    private void Flood(int count)
    {
        var (level, basin, pixels) = (_level, _basin, _pixels);
        for (var start = 0; start < count;)
        {
            var height = level[pixels[start]];
            var end = start + 1;
            while (end < count && level[pixels[end]] == height)
                end++;

            // What touches a higher basin joins the one of its highest neighbour; then the plateau is filled from there at equal pace.
            var (head, tail) = (0, 0);
            for (var i = start; i < end; i++)
            {
                var p = pixels[i];
                var b = HighestNeighbour(p, height);
                if (b == 0)
                    continue;
                _queue[tail++] = p;
                basin[p] = b;
            }

            if (tail < end - start)
            {
                Spread(ref head, ref tail, height);
                for (var i = start; i < end; i++)
                {
                    if (basin[pixels[i]] != 0)
                        continue;
                    basin[pixels[i]] = NewBasin(height - 1);
                    _queue[tail++] = pixels[i];
                    Spread(ref head, ref tail, height);
                }
            }

            for (var i = start; i < end; i++)
            {
                var root = Root(basin[pixels[i]]);
                _basins[root].Pixels++;
            }

            if (_basinCount > 1)
            {
                for (var i = start; i < end; i++)
                    Meet(pixels[i], height);
            }

            start = end;
        }
    }

    private int HighestNeighbour(int p, int height)
    {
        var best = 0;
        var highest = height;
        Look(p - _stride);
        Look(p - 1);
        Look(p + 1);
        Look(p + _stride);
        return best;

        void Look(int q)
        {
            if (_level[q] <= highest)
                return;
            highest = _level[q];
            best = _basin[q];
        }
    }

    private void Spread(ref int head, ref int tail, int height)
    {
        while (head < tail)
        {
            var p = _queue[head++];
            var b = _basin[p];
            Visit(p - _stride, ref tail);
            Visit(p - 1, ref tail);
            Visit(p + 1, ref tail);
            Visit(p + _stride, ref tail);

            void Visit(int q, ref int last)
            {
                if (_level[q] != height || _basin[q] != 0)
                    return;
                _basin[q] = b;
                _queue[last++] = q;
            }
        }
    }

    /// <summary>Joins the basins that meet at a pixel where the lower one does not stand out.</summary>
    private void Meet(int p, int height)
    {
        var b = _basin[p];
        Look(p - _stride);
        Look(p - 1);
        Look(p + 1);
        Look(p + _stride);

        void Look(int q)
        {
            if (_level[q] < height || _basin[q] == b)
                return;
            var (i, j) = (Root(b), Root(_basin[q]));
            if (i == j)
                return;
            ref var one = ref _basins[i];
            ref var other = ref _basins[j];

            // The higher summit stays; of equal ones the older, which lies further up or left.
            var firstIsLower = one.Summit < other.Summit || (one.Summit == other.Summit && i > j);
            ref var low = ref firstIsLower ? ref one : ref other;
            ref var high = ref firstIsLower ? ref other : ref one;
            if (low.Summit - (height - 1) >= _dynamics && low.Pixels >= _options.MinMarkerArea && low.Summit >= _minimum)
                return;
            low.Parent = firstIsLower ? j : i;
            high.Pixels += low.Pixels;
        }
    }

    private int NewBasin(int summit)
    {
        if (++_basinCount >= _basins.Length)
            Array.Resize(ref _basins, _basins.Length * 2);
        _basins[_basinCount] = new Basin { Parent = _basinCount, Summit = summit };
        return _basinCount;
    }

    private int Root(int i)
    {
        var basins = _basins;
        while (basins[i].Parent != i)
        {
            basins[i].Parent = basins[basins[i].Parent].Parent;
            i = basins[i].Parent;
        }

        return i;
    }

    /// <summary>Gives the holes that one nucleus surrounds alone to it. Pixels of other components in a hole stay theirs.</summary>
    private void FillHoles(in ForegroundRuns.Component component, ByteMaps maps)
    {
        var rows = component.Bottom - component.Top + 2;
        var size = _stride * rows;

        // The outside is one piece through the border of the box; it reaches through corners, since the foreground joins by edges only.
        _level[0] = Seen;
        _queue[0] = 0;
        GrowBackground(1, size);
        for (var start = _stride; start < size - _stride; start++)
        {
            if (_level[start] != 0)
                continue;
            _level[start] = Seen;
            _queue[0] = start;
            var tail = GrowBackground(1, size);
            var owner = 0;
            var shared = false;
            for (var i = 0; i < tail; i++)
            {
                var p = _queue[i];
                foreach (var q in (ReadOnlySpan<int>)[p - _stride, p - 1, p + 1, p + _stride])
                {
                    if (_basin[q] == 0)
                        continue;
                    var root = Root(_basin[q]);
                    shared |= owner != 0 && owner != root;
                    owner = root;
                }
            }

            if (shared)
                continue;
            for (var i = 0; i < tail; i++)
            {
                var (x, y) = (component.Left + (_queue[i] % _stride) - 1, component.Top + (_queue[i] / _stride) - 1);
                if (maps.Row(NucleusMaps.Foreground, y)[x] >= _threshold)
                    continue;
                _filled.Add((x, y, owner));
            }
        }
    }

    /// <summary>Marks the background around the queue's pixels, corners included, and queues it.</summary>
    private int GrowBackground(int tail, int size)
    {
        for (var head = 0; head < tail; head++)
        {
            var p = _queue[head];
            var column = p % _stride;
            for (var dy = -_stride; dy <= _stride; dy += _stride)
            {
                for (var dx = column == 0 ? 0 : -1; dx <= (column == _stride - 1 ? 0 : 1); dx++)
                {
                    var q = p + dy + dx;
                    if (q < 0 || q >= size || _level[q] != 0)
                        continue;
                    _level[q] = Seen;
                    _queue[tail++] = q;
                }
            }
        }

        return tail;
    }

    /// <summary>Measures the basins, drops what is too small or too faint, numbers the rest and writes their labels.</summary>
    private void Write(
        ForegroundRuns runs, in ForegroundRuns.Component component, ByteMaps maps, Raster<int> labels, List<NucleusRegion> regions)
    {
        for (var r = component.FirstRun; r >= 0; r = runs.Runs[r].Next)
        {
            ref readonly var run = ref runs.Runs[r];
            var row = maps.Row(NucleusMaps.Foreground, run.Y);
            var at = ((run.Y - component.Top + 1) * _stride) - component.Left + 1;
            for (var x = run.Start; x < run.End;)
            {
                // Stretches of one basin at a time.
                var basin = _basin[at + x];
                var start = x;
                var sum = 0;
                do
                    sum += row[x++];
                while (x < run.End && _basin[at + x] == basin);
                _basins[Root(basin)].Region.Add(start, x, run.Y, sum);
            }
        }

        foreach (var (x, y, owner) in _filled)
            _basins[owner].Region.Add(x, x + 1, y, maps.Row(NucleusMaps.Foreground, y)[x]);

        for (var b = 1; b <= _basinCount; b++)
        {
            ref var basin = ref _basins[b];
            if (basin.Parent != b || basin.Region.Area < _options.MinArea || basin.Region.Probability < _options.MinProbability)
                continue;
            basin.Region.Label = regions.Count + 1;
            regions.Add(basin.Region);
        }

        for (var r = component.FirstRun; r >= 0; r = runs.Runs[r].Next)
        {
            ref readonly var run = ref runs.Runs[r];
            var row = labels.Row(run.Y);
            var at = ((run.Y - component.Top + 1) * _stride) - component.Left + 1;
            for (var x = run.Start; x < run.End;)
            {
                var basin = _basin[at + x];
                var label = _basins[Root(basin)].Region.Label;
                do
                    row[x++] = label;
                while (x < run.End && _basin[at + x] == basin);
            }
        }

        foreach (var (x, y, owner) in _filled)
            labels[x, y] = _basins[owner].Region.Label;
    }

    private struct Basin
    {
        public int Parent;
        public int Summit;
        public int Pixels;
        public NucleusRegion Region;
    }
}
