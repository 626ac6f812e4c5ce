using Microtome.Imaging;

namespace Microtome.Pathology.Tests;

public class CsvTableTests
{
    [Fact]
    public void Parse_QuotedCells_KeepsCommasQuotesAndLineEnds()
    {
        var table = CsvTable.Parse("t", "\uFEFFa,b\r\n\"1,5\",\"say \"\"so\"\"\nand so\"\r\n\r\n 2 ,\"\"\n"[1..]);

        Assert.Equal(["a", "b"], table.Columns);
        Assert.Equal([["1,5", "say \"so\"\nand so"], ["2", ""]], table.Rows);
        Assert.Equal([2, 5], new[] { 0, 1 }.Select(table.Line));
    }

    [Theory]
    [InlineData("a,b\n1\n", "line 2")]
    [InlineData("a,b\n1,\"2\n", "never closed")]
    [InlineData("a,a\n1,2\n", "'a' stands there twice")]
    [InlineData("\n\n", "empty")]
    public void Parse_BrokenText_SaysWhere(string text, string names) =>
        Assert.Contains(names, Assert.Throws<SlideException>(() => CsvTable.Parse("t", text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Quote_ThenParse_GivesTheCellBack()
    {
        string[] cells = ["plain", "a,b", "say \"so\"", "two\nlines", ""];

        Assert.Equal(cells, CsvTable.Parse("t", string.Join(',', cells.Select((_, i) => $"c{i}")) + "\n" + string.Join(',', cells.Select(CsvTable.Quote)) + "\n").Rows[0]);
    }
}
