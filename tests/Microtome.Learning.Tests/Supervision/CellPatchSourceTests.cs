using Microtome.Imaging;
using Microtome.Learning.Supervision.CellLabels;
using Microtome.Learning.Supervision.InstanceMasks;
using Microtome.Learning.Supervision.Patches;

namespace Microtome.Learning.Tests.Supervision;

public sealed class CellPatchSourceTests : IDisposable
{
    private static readonly PatchGeometry Geometry = new(64, 0.5, 64);
    private readonly string root = Directory.CreateTempSubdirectory("cells ").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void Load_RowFirst_AndRefusesWhatIsNoCell()
    {
        var field = Field(200, 100, "10 150 1\n90 20 2\n");
        Assert.Equal([new Cell(150, 10, 1), new Cell(20, 90, 2)], field.Cells);
        Assert.Equal(1, field.Count(1, 100, 0, 100, 100));
        Assert.Equal(0, field.Count(2, 100, 0, 100, 100));

        foreach (var (lines, word) in (ReadOnlySpan<(string, string)>)[("150 10 1\n", "exchanged"), ("1 2\n", "ROW COL KIND"), ("1 2 x\n", "ROW COL KIND"), ("1 2 0\n", "ROW COL KIND"), ("NaN 2 1\n", "ROW COL KIND")])
            Assert.Contains(word, Assert.Throws<SlideException>(() => Field(200, 100, lines)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_InstanceMask_MarksCentres()
    {
        var mask = Path.Combine(root, "mask.png");
        var labels = new Raster<byte>(50, 40);
        for (var y = 10; y < 14; y++)
        {
            for (var x = 20; x < 26; x++)
                labels[x, y] = 3;
        }

        ImageFile.WritePng(mask, labels);
        var image = Path.Combine(root, "i.png");
        ImageFile.WritePng(image, new RgbImage(50, 40));

        Assert.Equal([new Cell(23, 12, 1)], CellField.Load(new ManifestRow(image, mask, "p", "train", 0.5, 1, 1)).Cells);
    }

    [Fact]
    public void Draw_LabelIsWhatTheCellMapsShow_AndCellsStayOnTheirPixels()
    {
        // White squares on black, a cell of kind 1 on each: wherever a patch is cut, its bright spots are its cells.
        var random = new Random(4);
        var lines = new List<string>();
        var picture = new RgbImage(300, 260);
        for (var i = 0; i < 60; i++)
        {
            var (x, y) = (random.Next(6, 294), random.Next(6, 254));
            lines.Add($"{y + 0.5} {x + 0.5} 1");
            for (var dy = -2; dy <= 2; dy++)
                picture.Row(y + dy).Slice(3 * (x - 2), 15).Fill(255);
        }

        var field = Field(picture, string.Join('\n', lines));
        var source = Source(field, AugmentationOptionsWithoutColour(), kinds: 1);
        for (var step = 0; step < 4; step++)
        {
            var batch = source.Draw(step);
            for (var i = 0; i < batch.Count; i++)
            {
                var map = batch.Cells.AsSpan(i * 16 * 16, 16 * 16);
                var peaks = 0;
                for (var k = 0; k < map.Length; k++)
                {
                    if (map[k] < 0.9f)
                        continue;
                    peaks++;
                    // The picture is bright there: the mean of the 4 x 4 pixels under the map's pixel.
                    double sum = 0;
                    for (var p = 0; p < 16; p++)
                        sum += batch.Pictures[(i * 3 * 64 * 64) + (((k / 16 * 4) + (p / 4)) * 64) + (k % 16 * 4) + (p % 4)];
                    Assert.True(sum / 16 > 0.25, $"step {step}, patch {i}, pixel {k}: {sum / 16}");
                }

                Assert.True(batch.Labels[i] == 0 || peaks > 0);
            }
        }
    }

    [Fact]
    public void Draw_SameStep_IsTheSame_AndOtherStepsDiffer()
    {
        var source = Source(Field(200, 200, "50 50 1\n60 60 1\n150 150 1\n"), CellPatchSource.DefaultAugmentation, kinds: 3);

        Assert.Equal(source.Draw(7).Pictures, source.Draw(7).Pictures);
        Assert.NotEqual(source.Draw(7).Pictures, source.Draw(8).Pictures);
    }

    [Fact]
    public void Grid_LabelsByTheRule_AndLeavesOutTheUndecided()
    {
        // 128 x 64 px: two patches. Left: three tumor cells. Right: one, which decides nothing.
        var field = Field(128, 64, "10 10 2\n20 20 2\n30 30 2\n10 100 2\n");

        var patches = CellPatchSource.Grid(field, PatchRule.Tumor, Geometry).ToList();

        Assert.Equal(1, Assert.Single(patches).Label);
        Assert.Equal([0, 0], CellPatchSource.Grid(field, PatchRule.Til, Geometry).Select(p => p.Label));
    }

    private static AugmentationOptions AugmentationOptionsWithoutColour() =>
        new AugmentationOptions().Times(0) with { ScaleFrom = 0.87, ScaleTo = 1.15, Shear = 0.05 };

    private static CellPatchSource Source(CellField field, AugmentationOptions augmentation, int kinds) => new([field], PatchRule.Til, Geometry, augmentation, 8, 1, kinds, 4);

    private CellField Field(int width, int height, string cells) => Field(new RgbImage(width, height), cells);

    private CellField Field(RgbImage picture, string cells)
    {
        var (image, list) = (Path.Combine(root, "f.png"), Path.Combine(root, "f.txt"));
        ImageFile.WritePng(image, picture);
        File.WriteAllText(list, cells);
        return CellField.Load(new ManifestRow(image, list, "p", "train", 0.5, 1, 1));
    }
}
