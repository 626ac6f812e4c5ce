using Microtome.Imaging;

namespace Microtome.Pathology.Tests;

public class MapAlignmentTests
{
    [Fact]
    public void Align_ThePublishedExample_GivesThePublishedRowToTheLastDigit()
    {
        var (tumor, til) = (PatchTable.Read(Published.TumorTable), PatchTable.Read(Published.TilTable));

        var s = MapAlignment.Align(PatchMap.From(tumor, 0), PatchMap.From(til, 0), new AlignmentOptions { TilThreshold = AlignmentOptions.InceptionTilThreshold }).Statistics;

        // The example that til_align ships: one row of its table.
        Assert.Equal("811048", TilTable.Number(s.TumorCells));
        Assert.Equal("20048", TilTable.Number(s.TilCells));
        Assert.Equal("13566", TilTable.Number(s.OverlapCells));
        Assert.Equal("0.0167265069391701", TilTable.Number(s.PercentPositive));
        Assert.Equal("1.74747474747475", TilTable.Number(s.PatchRatio));
        Assert.Equal((7, 4), (s.Numerator, s.Denominator));
        Assert.Equal(0, s.UnknownCells);
    }

    // Independent: every level-0 pixel asked for its two patches. Steps and origins are whole pixels, so that this is exact.
    [Fact]
    public void Align_AnyTwoGrids_CountsWhatPixelsCount()
    {
        var random = new Random(11);
        for (int round = 0; round < 60; round++)
        {
            var tumor = Random(random, random.Next(2, 36));
            var til = Random(random, random.Next(2, 36));

            var s = MapAlignment.Align(tumor, til).Statistics;

            long positive = 0, both = 0, unknown = 0;
            for (int y = -40; y < 500; y++)
            {
                for (int x = -40; x < 500; x++)
                {
                    if (!(At(tumor, x, y) >= 0.5f))
                        continue;
                    positive++;
                    float other = At(til, x, y);
                    both += other >= 0.5f ? 1 : 0;
                    unknown += float.IsNaN(other) ? 1 : 0;
                }
            }

            if (positive == 0)
            {
                Assert.Null(s.PercentPositive);
                continue;
            }

            Assert.Equal((double)both / positive, s.PercentPositive!.Value, 1e-9);
            Assert.Equal((double)unknown / positive, s.UnknownCells / s.TumorCells, 1e-9);
            if (positive > unknown)
                Assert.Equal((double)both / (positive - unknown), s.PercentPositiveKnown!.Value, 1e-9);
            else
                Assert.Null(s.PercentPositiveKnown);
        }
    }

    [Fact]
    public void Align_MixedPixelSizes_TakesEachSlidesOwnRatio()
    {
        Assert.Equal(new PatchRatio(7, 4), PatchRatio.Of(346.0 / 198));
        Assert.Equal(new PatchRatio(7, 4), PatchRatio.Of(376.0 / 215));
        Assert.Equal(new PatchRatio(7, 2), PatchRatio.Of(3.49));
        Assert.Equal(new PatchRatio(21, 2), PatchRatio.Of(10.51));
        Assert.Equal(new PatchRatio(1, 1), PatchRatio.Of(1));
        Assert.Equal(new PatchRatio(1, 2), PatchRatio.Of(0.5));
        Assert.Equal(new PatchRatio(4, 3), PatchRatio.Of(1.3333));
    }

    [Fact]
    public void Align_CutOfADecimalNumber_KeepsThePatchThatEqualsIt()
    {
        var map = new PatchMap(new PatchAxis(0, 10, 10, 1), new PatchAxis(0, 10, 10, 1), new Raster<float>(1, 1, [0.1f]));

        Assert.Equal(1, MapAlignment.Align(map, map, new AlignmentOptions { TumorThreshold = 0.1, TilThreshold = 0.1 }).Statistics.PercentPositive);
    }

    [Fact]
    public void Draw_ShowsBothInMagenta()
    {
        // Tumor: one patch of 7 fine cells; lymphocytes: the left of two patches of 4.
        var tumor = new PatchMap(new PatchAxis(0, 350, 350, 1), new PatchAxis(0, 350, 350, 1), new Raster<float>(1, 1, [1f]));
        var til = new PatchMap(new PatchAxis(0, 200, 200, 2), new PatchAxis(0, 200, 200, 1), new Raster<float>(2, 1, [1f, 0f]));

        var picture = MapAlignment.Align(tumor, til).Draw();

        Assert.Equal((8, 7), (picture.Width, picture.Height));
        Assert.Equal([255, 0, 255], picture.Row(0)[..3].ToArray());
        Assert.Equal([0, 0, 255], picture.Row(6)[..3].ToArray());
        Assert.Equal([0, 0, 0], picture.Row(0)[21..24].ToArray());
    }

    [Fact]
    public void Subtypes_CallTheMostProbableClass_AndCountEachOverlap()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "minx,miny,width,height,prob_Acinar,prob_Solid,prob_Benign\n0,0,100,100,0.5,0.3,0.2\n100,0,100,100,0.1,0.8,0.1\n200,0,100,100,0.1,0.1,0.8\n300,0,100,100,0,0,0\n400,0,100,100,0.2,0.7,0.1\n");
            var til = new PatchMap(new PatchAxis(0, 100, 100, 5), new PatchAxis(0, 100, 100, 1), new Raster<float>(5, 1, [0f, 1f, 1f, 1f, 0f]));

            var rows = TumorSubtypes.Measure(PatchTable.Read(path), til, new AlignmentOptions());

            Assert.Equal([new TumorSubtype("Acinar", 1, 1 / 3.0, 0, 0), new TumorSubtype("Solid", 2, 2 / 3.0, 1, 0.5)], rows);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static PatchMap Random(Random random, int side)
    {
        int columns = random.Next(1, 12), rows = random.Next(1, 12);
        var values = new Raster<float>(columns, rows, [.. Enumerable.Range(0, columns * rows).Select(_ => random.Next(5) == 0 ? float.NaN : random.NextSingle())]);
        return new PatchMap(new PatchAxis(random.Next(-20, 60), side, side, columns), new PatchAxis(random.Next(-20, 60), side, side, rows), values);
    }

    private static float At(PatchMap map, int x, int y)
    {
        double column = Math.Floor((x + 0.5 - map.Columns.Start) / map.Columns.Step), row = Math.Floor((y + 0.5 - map.Rows.Start) / map.Rows.Step);
        return column >= 0 && row >= 0 && column < map.Columns.Count && row < map.Rows.Count ? map.Values[(int)column, (int)row] : float.NaN;
    }

    [Theory]
    [InlineData(12345, 777)]
    [InlineData(100_003, 0)]
    public void Align_MapsThatDoNotMeet_KnowNothing(int x, int y)
    {
        // Sums of pieces are whole cells but for their last digits, and what is left of them is no tumor.
        string folder = Directory.CreateTempSubdirectory("microtome-apart").FullName;
        try
        {
            PatchMap Map(string name, int side, int left, int top)
            {
                string path = Path.Combine(folder, name);
                File.WriteAllText(path, "minx,miny,width,height,prob_A\n" + string.Concat(from r in Enumerable.Range(0, 7) from c in Enumerable.Range(0, 9) select $"{left + (c * side)},{top + (r * side)},{side},{side},0.{1 + ((r * c) % 9)}\n"));
                return PatchMap.From(PatchTable.Read(path), 0);
            }

            var s = MapAlignment.Align(Map("tumor.csv", 175, x, y), Map("til.csv", 100, 400, 1000), new AlignmentOptions()).Statistics;
            Assert.True(s.TumorCells > 0);
            Assert.Equal((s.TumorCells, 0.0, null, true), (s.UnknownCells, s.OverlapCells, s.PercentPositiveKnown, s.Apart));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
