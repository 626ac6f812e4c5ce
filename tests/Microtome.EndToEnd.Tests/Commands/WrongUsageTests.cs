namespace Microtome.EndToEnd.Tests;

public class WrongUsageTests
{
    [Theory]
    [InlineData("slidee", "'slidee'", "Did you mean 'slide'?")]
    [InlineData("slide inof x.svs", "'inof'", "Did you mean 'info'?")]
    [InlineData("slide info x.svs --jsonn", "'--jsonn'", "Did you mean '--json'?")]
    [InlineData("doctor --device gpu", "--device 'gpu'", "cpu or cuda")]
    [InlineData("doctor --threads 0", "--threads '0'", "from 1 to")]
    [InlineData("doctor --threads many", "--threads 'many'", "from 1 to")]
    [InlineData("doctor --seed x", "'x'", "--seed")]
    [InlineData("slide info", "SLIDE", "slide info --help")]
    [InlineData("slide", "slide", "info")]
    public void WrongWord_IsNamedInTwoLines_Exit2(string line, string names, string helps)
    {
        var outcome = MicrotomeProgram.Run(line.Split(' '));

        Assert.Equal(2, outcome.ExitCode);
        Assert.Empty(outcome.Out);
        Assert.InRange(outcome.ErrorLines.Length, 1, 2);
        Assert.Contains(names, outcome.Error, StringComparison.Ordinal);
        Assert.Contains(helps, outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", outcome.Error, StringComparison.Ordinal);
    }
}
