using System.IO.Compression;
using System.Text;
using Microtome.Imaging;

namespace Microtome.Pathology.Tests;

public sealed class PatchTableTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("microtome-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Read_WsInferCsv_GivesCentresAndEveryClass()
    {
        var table = PatchTable.Read(Write("minx,miny,width,height,prob_Other,prob_Tumor\n1000,2000,350,350,0.25,0.75\n1350,2000,350,350,1,0\n"));

        Assert.Equal(["Other", "Tumor"], table.Classes);
        Assert.Equal([1175.0, 1525.0], table.CentreX);
        Assert.Equal([2175.0, 2175.0], table.CentreY);
        Assert.Equal([0.25, 0.75, 1, 0], table.Probabilities);
        Assert.Equal(1, table.ClassIndex(null, "--tumor-class"));
        Assert.Equal(0, table.ClassIndex("other", "--tumor-class"));
        Assert.Throws<UsageException>(() => table.ClassIndex("Stroma", "--tumor-class"));
    }

    [Fact]
    public void Read_GzippedText_GivesCentresAsTheyStand()
    {
        string path = Path.Combine(_folder, "prediction-A.gz");
        using (var zip = new GZipStream(File.Create(path), CompressionMode.Compress))
            zip.Write(Encoding.UTF8.GetBytes("174 174 0.0 0\n174 520 0.5 0\n"));

        var table = PatchTable.Read(path);

        Assert.Equal([174.0, 520.0], table.CentreY);
        Assert.Equal([0.0, 0.5], table.Probabilities);
        Assert.Null(table.PatchWidth);
        Assert.Equal("A", PatchTable.SlideOf(path));
    }

    [Theory]
    [InlineData("minx,miny,width,prob_Tumor\n0,0,350,1\n", "'height'")]
    [InlineData("minx,miny,width,height\n0,0,350,350\n", "prob_")]
    [InlineData("minx,miny,width,height,prob_Tumor\n0,0,350,350,nan\n", "line 2")]
    [InlineData("minx,miny,width,height,prob_Tumor\n0,0,350,350,1.5\n", "'1.5'")]
    [InlineData("minx,miny,width,height,prob_Tumor\n0,zero,350,350,1\n", "'zero'")]
    [InlineData("minx,miny,width,height,prob_Tumor\n0,0,0,350,1\n", "covers nothing")]
    [InlineData("minx,miny,width,height,prob_Tumor\n0,0,350,350,1\n350,0,200,350,1\n", "line 3")]
    [InlineData("minx,miny,width,height,prob_Tumor\n0,0,350\n", "line 2")]
    [InlineData("174 174\n", "line 1")]
    [InlineData("174 174 inf 0\n", "'inf'")]
    [InlineData("", "empty")]
    public void Read_BadTable_SaysWhere(string text, string names)
    {
        var e = Assert.Throws<SlideException>(() => PatchTable.Read(Write(text)));

        Assert.Contains(names, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Map_OfNoPatches_IsExplained()
    {
        var table = PatchTable.Read(Write("minx,miny,width,height,prob_Tumor\n"));

        Assert.Contains("no patch", Assert.Throws<SlideException>(() => PatchMap.From(table, 0)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Map_OfPatchesOnNoGridOrTwiceOnACell_IsRefused()
    {
        var off = PatchTable.Read(Write("minx,miny,width,height,prob_T\n0,0,100,100,1\n100,0,100,100,1\n240,0,100,100,1\n"));
        var twice = PatchTable.Read(Write("minx,miny,width,height,prob_T\n0,0,100,100,1\n100,0,100,100,1\n100,0,100,100,0\n"));

        Assert.Contains("grid", Assert.Throws<SlideException>(() => PatchMap.From(off, 0)).Message, StringComparison.Ordinal);
        Assert.Contains("two patches", Assert.Throws<SlideException>(() => PatchMap.From(twice, 0)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(346.5, 0)]
    [InlineData(346.5, 12345.25)]
    [InlineData(198.02, 77)]
    [InlineData(376, 40000)]
    public void Axis_OfRoundedCentres_FindsTheTrueStepAndEveryIndex(double step, double start)
    {
        // 1500 cells: dividing by the first rounded difference (346 for 346.5) is off by two cells at the end.
        int[] truth = [.. Enumerable.Range(0, 1500)];
        double[] centres = [.. truth.Select(i => Math.Floor(start + ((i + 0.5) * step)))];

        var axis = PatchAxis.Find("t", "x", centres, null, null, out int[] cells);

        Assert.Equal(truth, cells);
        Assert.InRange(axis.Step, step - 0.002, step + 0.002);
        Assert.InRange(axis.Start, start - 1, start + 1);
        Assert.Equal(1500, axis.Count);
    }

    [Fact]
    public void Axis_WithGapsOfAnyLength_CountsTheCellsWithoutPatches()
    {
        var random = new Random(3);
        for (int round = 0; round < 50; round++)
        {
            double step = 40 + (400 * random.NextDouble());
            // Two neighbours at least; otherwise nothing tells the step.
            int[] truth = [0, 1, .. Enumerable.Range(2, 700).Where(_ => random.NextDouble() < 0.05)];
            double[] centres = [.. truth.Select(i => Math.Round((i + 0.5) * step))];

            PatchAxis.Find("t", "x", centres, Math.Round(step), null, out int[] cells);

            Assert.Equal(truth, cells);
        }
    }

    [Fact]
    public void Map_OfPatchesThatNowhereTouch_KeepsTheSizeOfAPatch()
    {
        var map = PatchMap.From(PatchTable.Read(Write("minx,miny,width,height,prob_T\n5000,900,350,350,1\n5700,900,350,350,1\n7100,1600,350,350,1\n")), 0);

        Assert.Equal((350.0, 7, 5000.0), (map.Columns.Step, map.Columns.Count, map.Columns.Start));
        Assert.Equal((350.0, 3, 900.0), (map.Rows.Step, map.Rows.Count, map.Rows.Start));
        Assert.Equal(3, map.Known);
    }

    [Fact]
    public void Map_OfOverlappingPatches_TakesTheirDistance()
    {
        var map = PatchMap.From(PatchTable.Read(Write("minx,miny,width,height,prob_T\n0,0,100,100,1\n75,0,100,100,1\n150,75,100,100,1\n")), 0);

        Assert.Equal((75.0, 3, 12.5), (map.Columns.Step, map.Columns.Count, map.Columns.Start));
    }

    [Fact]
    public void Map_OfOneColumn_TakesTheStepOfTheOtherAxis()
    {
        var map = PatchMap.From(PatchTable.Read(Write("100 100 0.25\n100 300 0.5\n100 500 0.75\n")), 0);

        Assert.Equal([0.25f, 0.5f, 0.75f], map.Values.Samples);
        Assert.Equal(200, map.Columns.Step);
        Assert.Equal(0, map.Columns.Start);
    }

    private string Write(string text)
    {
        string path = Path.Combine(_folder, $"{Guid.NewGuid():N}.csv");
        File.WriteAllText(path, text);
        return path;
    }
}
