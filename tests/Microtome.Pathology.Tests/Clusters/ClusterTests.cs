using System.Text.Json;
using Microtome.Imaging;

namespace Microtome.Pathology.Tests;

public class ClusterTests
{
    public static TheoryData<string> Recorded => ["clumps", "scattered", "two"];

    [Theory]
    [MemberData(nameof(Recorded))]
    public void AffinityPropagation_OfRecordedPoints_GivesTheRecordedClusters_ForAnyThreads(string name)
    {
        var (points, exemplars, labels, _) = Read(name);
        foreach (int threads in (int[])[1, 2, 5])
        {
            var found = AffinityPropagation.Run(points, new AffinityPropagationOptions { Threads = threads });
            Assert.True(found.Settled);
            Assert.Equal(exemplars, found.Exemplars);
            Assert.Equal(labels, found.Labels);
        }
    }

    [Theory]
    [MemberData(nameof(Recorded))]
    public void Indices_OfRecordedClusters_AreThoseOfTheDefinitions(string name)
    {
        var (points, exemplars, labels, recorded) = Read(name);
        var indices = ClusterIndices.Of(points, labels, exemplars.Length);
        foreach (var (index, value) in (ReadOnlySpan<(string, double?)>)
        [
            ("Ball_Hall", indices.BallHall), ("Banfield_Raftery", indices.BanfieldRaftery), ("C_index", indices.CIndex), ("Det_Ratio", indices.DetRatio), ("Calinski_Harabasz", indices.CalinskiHarabasz),
            ("Davies_Bouldin", indices.DaviesBouldin), ("Dunn", indices.Dunn), ("Ray_Turi", indices.RayTuri), ("Xie_Beni", indices.XieBeni), ("Log_SS_Ratio", indices.LogSumsRatio),
        ])
            Assert.Equal(recorded.GetProperty(index).GetDouble(), value!.Value, 1e-9 * Math.Abs(recorded.GetProperty(index).GetDouble()));
    }

    [Fact]
    public void AffinityPropagation_OfTheExampleOfScikitLearnsDocumentation_GivesItsClusters()
    {
        // sklearn.cluster.AffinityPropagation: centres (1, 2) and (4, 2); its preference is the median with the zeros of the diagonal.
        GridPoint[] points = [new(1, 2), new(1, 4), new(1, 0), new(4, 2), new(4, 4), new(4, 0)];
        double[] all = [.. points.SelectMany(p => points.Select(q => -(double)p.SquaredDistance(q))).Order()];
        var (exemplars, labels, settled, _) = AffinityPropagation.Run(points, new AffinityPropagationOptions { Damping = 0.5, MostRounds = 200, SteadyRounds = 15, Preference = (all[17] + all[18]) / 2 });
        Assert.True(settled);
        Assert.Equal([0, 3], exemplars);
        Assert.Equal([0, 0, 0, 1, 1, 1], labels);
    }

    [Fact]
    public void MedianSimilarity_IsThatOfTheSortedList()
    {
        GridPoint[] points = [new(0, 0), new(1, 0), new(3, 4), new(10, 0), new(2, 2)];
        double[] all = [.. Enumerable.Range(0, 5).SelectMany(i => Enumerable.Range(0, 5).Where(k => k != i).Select(k => -(double)points[i].SquaredDistance(points[k]))).Order()];
        Assert.Equal((all[9] + all[10]) / 2, AffinityPropagation.MedianSimilarity(points));
    }

    [Fact]
    public void Clusters_OfNone_OfOne_OfTwo_AndOfARow_HaveNoNumberThatIsNone()
    {
        var none = Of(8, 6);
        Assert.Equal((0, 0, null), (none.Positives.Count, none.Exemplars.Count, none.Indices));
        Assert.Equal((48, 0.0), (none.Tissue, none.Share));

        var one = Of(8, 6, (3, 2));
        Assert.Single(one.Exemplars);
        Assert.Equal((0.0, null, null, null), (one.Indices!.BallHall, one.Indices.BanfieldRaftery, one.Indices.CIndex, one.Indices.DetRatio));

        // Two points have one similarity, which is also the preference: both stay alone.
        var two = Of(8, 6, (0, 0), (5, 5));
        Assert.Equal([0, 1], two.Labels);
        Assert.Null(two.Indices!.CIndex);

        var row = Of(30, 1, [.. Enumerable.Range(0, 30).Where(static x => x is < 5 or > 24).Select(static x => (x, 0))]);
        Assert.True(row.Exemplars.Count > 1);
        Assert.Null(row.Indices!.DetRatio);
        Assert.InRange(row.Indices.CIndex!.Value, 0, 1);
    }

    [Fact]
    public void Clusters_OfMorePatchesThanAsked_AreThoseOfBlocks_AndEveryPatchHasOne()
    {
        var random = new Random(3);
        (int X, int Y)[] places = [.. Enumerable.Range(0, 4000).Select(i => ((int)(20 + (60 * (i % 2)) + (12 * random.NextDouble())), (int)(30 + (20 * random.NextDouble())))).Distinct()];
        var coarse = Of(100, 80, 60, places);
        Assert.Equal(4, coarse.CoarsenedBy);
        Assert.Equal(places.Length, coarse.Labels.Count);
        Assert.Equal(Enumerable.Range(0, coarse.Exemplars.Count), coarse.Labels.Distinct().Order());
        for (int i = 0; i < places.Length; i++)
            Assert.Equal(coarse.Exemplars.Min(e => coarse.Positives[i].SquaredDistance(e)), coarse.Positives[i].SquaredDistance(coarse.Exemplars[coarse.Labels[i]]));
        // The two lumps never share a cluster.
        Assert.Empty(coarse.Labels.Where((_, i) => coarse.Positives[i].X < 50).Intersect(coarse.Labels.Where((_, i) => coarse.Positives[i].X >= 50)));
    }

    [Fact]
    public void PerCluster_OfAKnownSquare_GivesItsSizeDispersionAndExtent()
    {
        var (sizes, dispersions, extents) = Of(40, 40, [.. Enumerable.Range(0, 9).Select(static i => (10 + (i % 3), 20 + (i / 3))), .. Enumerable.Range(0, 9).Select(static i => (30 + (i % 3), 20 + (i / 3)))]).PerCluster();
        Assert.Equal([9, 9], sizes);
        Assert.Equal([12, 12], dispersions);
        Assert.Equal([Math.Sqrt(2), Math.Sqrt(2)], extents);
    }

    private static TilClusters Of(int width, int height, params (int X, int Y)[] positives) => Of(width, height, TilClusters.StandardPoints, positives);

    private static TilClusters Of(int width, int height, int most, params (int X, int Y)[] positives)
    {
        string path = Path.GetTempFileName();
        try
        {
            var lines = from y in Enumerable.Range(0, height) from x in Enumerable.Range(0, width) select $"{x * 100},{y * 100},100,100,{(positives.Contains((x, y)) ? "0.9" : "0.1")}\n";
            File.WriteAllText(path, "minx,miny,width,height,prob_Lymphocytes\n" + string.Concat(lines));
            return TilClusters.Of(PatchMap.From(PatchTable.Read(path), 0), 0.5, most, new AffinityPropagationOptions());
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static (GridPoint[] Points, int[] Exemplars, int[] Labels, JsonElement Indices) Read(string name)
    {
        using var file = JsonDocument.Parse(File.ReadAllText(Published.Clusters));
        var item = file.RootElement.GetProperty(name);
        return (
            [.. item.GetProperty("points").EnumerateArray().Select(static p => new GridPoint(p[0].GetInt32(), p[1].GetInt32()))],
            [.. item.GetProperty("exemplars").EnumerateArray().Select(static v => v.GetInt32())],
            [.. item.GetProperty("labels").EnumerateArray().Select(static v => v.GetInt32())],
            item.GetProperty("indices").Clone());
    }
}
