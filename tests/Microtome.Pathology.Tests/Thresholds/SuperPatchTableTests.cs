using Microtome.Imaging;

namespace Microtome.Pathology.Tests;

public sealed class SuperPatchTableTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("microtome-raters").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Read_TheExportedTable_TakesTheMeanOfValidScores_AndTheCount()
    {
        // Blank raters are no zeros (trap 12), 4 is no score, halves go to even.
        var scores = SuperPatchTable.Read(Write("filename,label,ctype,patch_count,r1,r2,r3\na.png,9,BRCA,12,1,,2\nb.png,9,BRCA,64,3,4,2\nc.png,9,LUAD,0,4,,\nd.png,9,LUAD,3,2,3,NA\n"));
        Assert.Equal([2, 2, null, 2], scores.Select(static s => s.Label));
        Assert.Equal([12, 64, 0, 3], scores.Select(static s => s.Count));
        Assert.Equal(["BRCA", "BRCA", "LUAD", "LUAD"], scores.Select(static s => s.Group));
        Assert.Equal([1, 3, null, 2], SuperPatchTable.Read(Write("filename,label,ctype,patch_count,r1,r2,r3\na.png,9,BRCA,12,1,,2\nb.png,9,BRCA,64,3,4,2\nc.png,9,LUAD,0,4,,\nd.png,9,LUAD,3,2,3,NA\n"), ["r1"]).Select(static s => s.Label));
    }

    [Fact]
    public void Read_WithoutRaters_TakesTheLabel() =>
        Assert.Equal([3, null], SuperPatchTable.Read(Write("slide,patch_count,label\na,1,3\nb,2,\n")).Select(static s => s.Label));

    [Theory]
    [InlineData("name,patch_count,r\na,1,1\n", "no column 'slide'")]
    [InlineData("slide,r\na,1\n", "patch_count is expected")]
    [InlineData("slide,patch_count\na,1\n", "no column with scores")]
    [InlineData("slide,patch_count,r\na,65,1\n", "line 2: patch_count is '65'")]
    [InlineData("slide,patch_count,r\na,1,2.5\n", "line 2: r is '2.5'")]
    [InlineData("slide,column,row,r\na,,1,2\n", "line 2: neither patch_count nor column and row")]
    public void Read_OfBadTables_NamesWhatIsWrong(string text, string part) =>
        Assert.Contains(part, Assert.Throws<SlideException>(() => SuperPatchTable.Read(Write(text))).Message, StringComparison.Ordinal);

    [Fact]
    public void Counts_OfAMap_AreThePositivesOfThe64Patches_WithUnknownOnesAsNone()
    {
        // Positive where the column is even; the patch (10, 5) is missing.
        string map = Path.Combine(folder, "map.csv");
        File.WriteAllText(map, "minx,miny,width,height,prob_Lymphocytes\n" + string.Concat(from y in Enumerable.Range(0, 12) from x in Enumerable.Range(0, 20) where (x, y) != (10, 5) select $"{x * 100},{y * 100},100,100,{(x % 2 == 0 ? "0.5" : "0.1")}\n"));
        var maps = new Dictionary<string, PatchMap> { ["S"] = PatchMap.From(PatchTable.Read(map), 0) };
        var scores = SuperPatchTable.Read(Write("slide,column,row,r\nS,0,0,1\nS,3,4,2\nS,12,4,3\n"));
        Assert.Equal([32, 31, 32], SuperPatchTable.Counts("t.csv", scores, maps, 0.5));
        Assert.Contains("line 2: 8 x 8 patches from (13, 0) on reach beyond the map of S, 20 x 12", Refused("slide,column,row,r\nS,13,0,1\n"), StringComparison.Ordinal);
        Assert.Contains("no map of T", Refused("slide,column,row,r\nT,1,0,1\n"), StringComparison.Ordinal);

        string Refused(string text) => Assert.Throws<SlideException>(() => SuperPatchTable.Counts("t.csv", SuperPatchTable.Read(Write(text)), maps, 0.5)).Message;
    }

    private string Write(string text)
    {
        string path = Path.Combine(folder, "scores.csv");
        File.WriteAllText(path, text);
        return path;
    }
}
