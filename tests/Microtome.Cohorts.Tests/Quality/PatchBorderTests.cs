using Microtome.Imaging;

namespace Microtome.Cohorts.Tests;

public sealed class PatchBorderTests
{
    private static Raster<int> Labels(params string[] rows)
    {
        var raster = new Raster<int>(rows[0].Length, rows.Length);
        for (int y = 0; y < rows.Length; y++)
        {
            for (int x = 0; x < rows[0].Length; x++)
                raster[x, y] = rows[y][x] == '.' ? 0 : rows[y][x] - '0';
        }

        return raster;
    }

    private static string[] Rows(Raster<int> labels) => [.. Enumerable.Range(0, labels.Height).Select(y => string.Concat(Enumerable.Range(0, labels.Width).Select(x => labels[x, y] == 0 ? "." : labels[x, y].ToString(System.Globalization.CultureInfo.InvariantCulture))))];

    [Fact]
    public void WithoutCut_LeavesOutCutTruthWithItsPredictions_AndFalseOnesAtTheBorder()
    {
        var truth = Labels(
            "11......",
            "11......",
            "....22..",
            "....22..",
            "........",
            "........");
        // 3 lies on the cut nucleus and does not touch the border by a pixel; 4 is right; 5 is invented at the border; 6 is invented inside.
        var predicted = Labels(
            "........",
            ".3......",
            "....44..",
            "....44..",
            "66......".Replace("66", ".6", StringComparison.Ordinal),
            ".....55.");

        var (t, p) = PatchBorder.WithoutCut(truth, predicted);

        Assert.Equal(["........", "........", "....22..", "....22..", "........", "........"], Rows(t));
        Assert.Equal(["........", "........", "....44..", "....44..", ".6......", "........"], Rows(p));
    }

    [Fact]
    public void WithoutCut_APredictionThatSwallowsThePatch_StaysWrong()
    {
        // Background written as a nucleus (trap 4 of the method) touches every border, and must not excuse the nuclei that it hides.
        var truth = Labels("........", ".11.22..", ".11.22..", "........");
        var predicted = Labels("77777777", "77777777", "77777777", "77777777");

        var (t, p) = PatchBorder.WithoutCut(truth, predicted);

        Assert.Equal(Rows(truth), Rows(t));
        Assert.Equal(Rows(predicted), Rows(p));
    }

    [Fact]
    public void WithoutCut_TruthAgainstItself_AgreesEntirely()
    {
        var truth = Labels("1.......", "1..22..3", "...22..3", "........");
        var (t, p) = PatchBorder.WithoutCut(truth, truth);

        Assert.Equal(Rows(t), Rows(p));
        Assert.Equal(["........", "...22...", "...22...", "........"], Rows(t));
    }
}
