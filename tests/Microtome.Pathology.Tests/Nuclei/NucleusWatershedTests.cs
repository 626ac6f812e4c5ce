using Microtome.Imaging;
using Microtome.Learning;

namespace Microtome.Pathology.Tests;

public class NucleusWatershedTests
{
    private static readonly NucleusPostprocessingOptions Plain = new()
    {
        DistanceSigma = 0,
        MarkerDynamics = 0,
        MarkerMinimum = 0,
        MinMarkerArea = 0,
        MinArea = 0,
        MinProbability = 0,
        FillHoles = false,
    };

    [Fact]
    public void Segment_TwoSummitsWithAPass_SplitsByDynamics()
    {
        // Summits 200 and 120, pass 100: the lower one rises 20/255 above the pass.
        var maps = Maps("9999999", [100, 200, 150, 100, 110, 120, 80]);
        Assert.Equal([1, 1, 1, 1, 2, 2, 2], new NucleusWatershed(Plain with { MarkerDynamics = 20 / 255.0 }).Segment(maps).Samples);
        Assert.Equal([1, 1, 1, 1, 1, 1, 1], new NucleusWatershed(Plain with { MarkerDynamics = 21 / 255.0 }).Segment(maps).Samples);
    }

    [Fact]
    public void Segment_LowOrSmallSummit_JoinsItsNeighbour()
    {
        var maps = Maps("9999999", [100, 200, 150, 100, 110, 120, 80]);
        Assert.Equal(2, Count(maps, Plain with { MarkerMinimum = 120 / 255.0 }));
        Assert.Equal(1, Count(maps, Plain with { MarkerMinimum = 121 / 255.0 }));
        Assert.Equal(2, Count(maps, Plain with { MinMarkerArea = 2 })); // 110 and 120 stand above the pass
        Assert.Equal(1, Count(maps, Plain with { MinMarkerArea = 3 }));
    }

    [Fact]
    public void Segment_Plateau_IsSharedAtEqualPace()
    {
        var maps = Maps("999999999", [200, 50, 50, 50, 50, 50, 50, 50, 200]);
        Assert.Equal([1, 1, 1, 1, 1, 2, 2, 2, 2], new NucleusWatershed(Plain with { MarkerDynamics = 0.1 }).Segment(maps).Samples);
    }

    [Fact]
    public void Segment_Threshold_IsAbove()
    {
        var maps = new ByteMaps(2, 3, 1);
        ((byte[])[127, 128, 255]).CopyTo(maps.Samples, 0);
        Assert.Equal([0, 1, 1], new NucleusWatershed(Plain).Segment(maps).Samples);
        Assert.Equal([0, 0, 0], new NucleusWatershed(Plain with { ForegroundThreshold = 1 }).Segment(maps).Samples.Select(v => Math.Min(v, 0)));
    }

    [Fact]
    public void Segment_SmallOrFaintObjects_AreDropped()
    {
        var maps = Maps("990999909", [1, 1, 0, 1, 1, 1, 1, 0, 1]);
        Assert.Equal([0, 0, 0, 1, 1, 1, 1, 0, 0], new NucleusWatershed(Plain with { MinArea = 3 }).Segment(maps).Samples);
        maps = Maps("660990660", [1, 1, 0, 1, 1, 0, 1, 1, 0]); // 6/9 and 1
        Assert.Equal([0, 0, 0, 1, 1, 0, 0, 0, 0], new NucleusWatershed(Plain with { MinProbability = 0.7 }).Segment(maps).Samples);
    }

    [Fact]
    public void Segment_Hole_IsFilledWhenOneNucleusSurroundsIt()
    {
        string[] ring = ["000000", "099900", "090900", "099900", "000000"];
        var maps = Maps(string.Concat(ring), new byte[30], 6);
        var labels = new NucleusWatershed(Plain with { FillHoles = true, MarkerDynamics = 0.1 }).Segment(maps);
        Assert.Equal(1, labels[2, 2]);
        Assert.Equal(9, labels.Samples.Count(v => v == 1));
        labels = new NucleusWatershed(Plain with { MarkerDynamics = 0.1 }).Segment(maps);
        Assert.Equal(0, labels[2, 2]);
    }

    [Theory]
    [InlineData("0999" + "9909" + "9990")] // the foreground joins by edges, so the background passes through corners
    [InlineData("9999" + "9900" + "9999")]
    public void Segment_HoleThatReachesTheOutside_IsNoHole(string foreground)
    {
        var maps = Maps(foreground, new byte[12], 4);
        Assert.Equal(0, new NucleusWatershed(Plain with { FillHoles = true, MarkerDynamics = 0.1 }).Segment(maps)[2, 1]);
    }

    [Fact]
    public void Segment_HoleBetweenTwoNuclei_StaysAHole()
    {
        var distance = new byte[15];
        (distance[5], distance[9]) = (200, 200);
        var maps = Maps("99999" + "99099" + "99999", distance, 5);
        var labels = new NucleusWatershed(Plain with { FillHoles = true, MarkerDynamics = 0.5 }).Segment(maps);
        Assert.Equal((1, 2, 0), (labels[0, 1], labels[4, 1], labels[2, 1]));
    }

    [Fact]
    public void Segment_RandomMapsAllMerged_EqualsConnectedComponents()
    {
        var random = new Random(3);
        for (var round = 0; round < 60; round++)
        {
            var maps = Noise(random, random.Next(1, 90), random.Next(1, 40), 0.55);
            var labels = new NucleusWatershed(Plain with { MarkerDynamics = 1, MinMarkerArea = 1_000_000 }).Segment(maps);
            var mask = new Raster<byte>(maps.Width, maps.Height);
            for (var i = 0; i < mask.Samples.Length; i++)
                mask.Samples[i] = maps.Samples[i] >= 128 ? (byte)1 : (byte)0;
            Assert.Equal(ConnectedComponents.Label(mask).Labels.Samples, labels.Samples);
        }
    }

    [Fact]
    public void Segment_RandomMaps_ObjectsAreTheHMaxima()
    {
        // Oracle: maxima of the morphological reconstruction of f - h under f (Soille, Morphological Image Analysis), iterated until nothing changes.
        var random = new Random(4);
        for (var round = 0; round < 60; round++)
        {
            var maps = Noise(random, random.Next(1, 24), random.Next(1, 24), 0.8, levels: random.Next(3, 255));
            var h = random.Next(1, 60);
            var labels = new NucleusWatershed(Plain with { MarkerDynamics = h / 255.0 }).Segment(maps);
            Assert.Equal(HMaxima(maps, h - 1), labels.Samples.Distinct().Count(v => v > 0));
            AssertConnected(labels);
        }
    }

    [Fact]
    public void Segment_SyntheticNuclei_FindsNearlyAll()
    {
        var truth = new SyntheticNuclei(400, 400, 110, 1);
        var scores = NucleusMetrics.Evaluate(truth.Labels, new NucleusWatershed().Segment(truth.Maps()));
        Assert.True(scores.F1 > 0.95, $"F1 {scores.F1}");
        Assert.True(scores.Aji > 0.85, $"AJI {scores.Aji}");
    }

    [Fact]
    public void Segment_PartOfAWindow_GivesTheSameObjectsAwayFromItsEdge()
    {
        var truth = new SyntheticNuclei(300, 260, 90, 2);
        var maps = truth.Maps(3);
        var whole = new NucleusWatershed().Segment(maps);
        var watershed = new NucleusWatershed();
        foreach (var (x, y, width, height) in new[] { (0, 0, 160, 130), (37, 51, 200, 180), (101, 13, 199, 247) })
        {
            var part = new ByteMaps(2, width, height);
            for (var c = 0; c < 2; c++)
            {
                for (var r = 0; r < height; r++)
                    maps.Row(c, y + r).Slice(x, width).CopyTo(part.Row(c, r));
            }

            var labels = watershed.Segment(part);
            var pairs = new HashSet<(int, int)>();
            for (var v = 60; v < height - 60; v++)
            {
                for (var u = 60; u < width - 60; u++)
                    pairs.Add((whole[x + u, y + v], labels[u, v]));
            }

            Assert.Equal(pairs.Count, pairs.Select(p => p.Item1).Distinct().Count());
            Assert.Equal(pairs.Count, pairs.Select(p => p.Item2).Distinct().Count());
        }
    }

    [Fact]
    public void Segment_AgainWithTheSameBuffers_GivesTheSame()
    {
        var watershed = new NucleusWatershed();
        var (first, second) = (new SyntheticNuclei(200, 150, 40, 5).Maps(), new SyntheticNuclei(90, 220, 30, 6).Maps());
        var a = watershed.Segment(first);
        var b = watershed.Segment(second);
        Assert.Equal(new NucleusWatershed().Segment(second).Samples, b.Samples);
        Assert.Equal(a.Samples, watershed.Segment(first).Samples);
    }

    [Fact]
    public void Segment_Regions_DescribeTheLabels()
    {
        var maps = new SyntheticNuclei(256, 200, 70, 7).Maps();
        var labels = new Raster<int>(256, 200);
        var regions = new NucleusWatershed().Segment(maps, labels);
        Assert.Equal(labels.Samples.Max(), regions.Count);
        Assert.True(regions.Count > 40);
        var expected = new NucleusRegion[regions.Count + 1];
        for (var y = 0; y < 200; y++)
        {
            for (var x = 0; x < 256; x++)
            {
                ref var r = ref expected[labels[x, y]];
                var first = r.Area == 0;
                (r.Left, r.Top) = first ? (x, y) : (Math.Min(r.Left, x), r.Top);
                (r.Right, r.Bottom) = (Math.Max(r.Right, x + 1), y + 1);
                r.Label = labels[x, y];
                r.Area++;
                r.SumX += x;
                r.SumY += y;
                r.SumForeground += maps.Row(NucleusMaps.Foreground, y)[x];
            }
        }

        Assert.Equal(expected[1..], regions);
    }

    [Fact]
    public void Segment_WrongOptionsOrSizes_SayWhatIsWrong()
    {
        var error = Assert.Throws<ArgumentException>(() => new NucleusWatershed(new() { MarkerDynamics = 3, MinArea = -1 }));
        Assert.Contains("MarkerDynamics is 3", error.Message, StringComparison.Ordinal);
        Assert.Contains("MinArea is -1", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new NucleusWatershed().Segment(new ByteMaps(2, 4, 4), new Raster<int>(4, 5)));
        Assert.Throws<ArgumentException>(() => new NucleusWatershed().Segment(new ByteMaps(1, 4, 4), new Raster<int>(4, 4)));
    }

    private static int Count(ByteMaps maps, NucleusPostprocessingOptions options) => new NucleusWatershed(options).Segment(maps).Samples.Max();

    /// <summary>Foreground in ninths, one digit a pixel.</summary>
    private static ByteMaps Maps(string foreground, byte[] distance, int width = 0)
    {
        width = width == 0 ? foreground.Length : width;
        var maps = new ByteMaps(2, width, foreground.Length / width);
        for (var i = 0; i < foreground.Length; i++)
            maps.Samples[i] = (byte)((foreground[i] - '0') * 255 / 9);
        distance.CopyTo(maps.Channel(NucleusMaps.Distance));
        return maps;
    }

    private static ByteMaps Noise(Random random, int width, int height, double share, int levels = 255)
    {
        var maps = new ByteMaps(2, width, height);
        for (var i = 0; i < width * height; i++)
        {
            maps.Samples[i] = random.NextDouble() < share ? (byte)200 : (byte)30;
            maps.Samples[(width * height) + i] = (byte)(random.Next(levels + 1) * 255 / levels);
        }

        return maps;
    }

    private static int HMaxima(ByteMaps maps, int h)
    {
        var (w, n) = (maps.Width, maps.Width * maps.Height);
        int[] f = [.. Enumerable.Range(0, n).Select(i => maps.Samples[i] >= 128 ? maps.Samples[n + i] : -1000)];
        int[] g = [.. f.Select(v => v < 0 ? v : v - h)];
        IEnumerable<int> Neighbours(int i)
        {
            if (i % w > 0)
                yield return i - 1;
            if (i % w < w - 1)
                yield return i + 1;
            if (i >= w)
                yield return i - w;
            if (i + w < n)
                yield return i + w;
        }

        for (var changed = true; changed;)
        {
            changed = false;
            for (var i = 0; i < n; i++)
            {
                if (f[i] < 0)
                    continue;
                var v = Math.Min(f[i], Neighbours(i).Where(j => f[j] >= 0).Select(j => g[j]).Append(g[i]).Max());
                changed |= v != g[i];
                g[i] = v;
            }
        }

        // Regional maxima: plateaus without a higher neighbour.
        var seen = new bool[n];
        var count = 0;
        for (var i = 0; i < n; i++)
        {
            if (f[i] < 0 || seen[i])
                continue;
            var stack = new Stack<int>([i]);
            seen[i] = true;
            var top = true;
            while (stack.TryPop(out var p))
            {
                foreach (var q in Neighbours(p).Where(q => f[q] >= 0))
                {
                    top &= g[q] <= g[p];
                    if (g[q] != g[p] || seen[q])
                        continue;
                    seen[q] = true;
                    stack.Push(q);
                }
            }

            count += top ? 1 : 0;
        }

        return count;
    }

    private static void AssertConnected(Raster<int> labels)
    {
        var (_, count) = ConnectedComponents.Relabel(labels);
        Assert.Equal(labels.Samples.Distinct().Count(v => v > 0), count);
    }
}
