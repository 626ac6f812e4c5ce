namespace Microtome.EndToEnd.Tests;

public class BadInputTests
{
    [Theory]
    [InlineData("missing", "does not exist")]
    [InlineData("folder", "folder")]
    [InlineData("empty", "empty")]
    [InlineData("text", "cannot be opened")]
    [InlineData("truncated", "")]
    public void BadSlide_IsExplained_Exit3(string kind, string says)
    {
        using var folder = new TemporaryFolder();
        var path = folder["bad.svs"];
        switch (kind)
        {
            case "folder":
                Directory.CreateDirectory(path);
                break;
            case "empty":
                File.WriteAllBytes(path, []);
                break;
            case "text":
                File.WriteAllText(path, "this is no slide");
                break;
            case "truncated":
                File.WriteAllBytes(path, File.ReadAllBytes(MicrotomeProgram.Sample)[..200_000]);
                break;
        }

        var outcome = MicrotomeProgram.Run("slide", "thumbnail", path, "-o", folder["out.jpg"]);

        Assert.Equal(3, outcome.ExitCode);
        Assert.InRange(outcome.ErrorLines.Length, 1, 2);
        Assert.Contains("bad.svs", outcome.Error, StringComparison.Ordinal);
        Assert.Contains(says, outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", outcome.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(folder["out.jpg"]));
    }

    [Fact]
    public void Verbose_AddsTheStack()
    {
        var outcome = MicrotomeProgram.Run("slide", "info", "missing.svs", "--verbose");

        Assert.Equal(3, outcome.ExitCode);
        Assert.Contains("   at ", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void DiskFull_IsExplained_AndLeavesNothingUnderTheFinalName()
    {
        using var folder = new TemporaryFolder();
        var path = folder["out.tif"];

        // A limit of 64 KiB per file fails the write as a full disk does. (The runtime itself needs a large mapped file unless it is told not to.)
        var outcome = MicrotomeProgram.Shell("ulimit -f 64; DOTNET_EnableWriteXorExecute=0 exec \"$MICROTOME\" slide convert \"$1\" -o \"$2\"", MicrotomeProgram.Sample, path);

        Assert.Equal(3, outcome.ExitCode);
        Assert.InRange(outcome.ErrorLines.Length, 1, 2);
        Assert.Contains("No space is left", outcome.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.FullPath));
    }

    [Fact]
    public void OutputInAMissingOrForbiddenPlace_IsExplained_Exit3()
    {
        var outcome = MicrotomeProgram.Run("slide", "thumbnail", MicrotomeProgram.Sample, "-o", "/proc/nowhere/out.jpg");

        Assert.Equal(3, outcome.ExitCode);
        Assert.Contains("/proc/nowhere", outcome.Error, StringComparison.Ordinal);
        Assert.InRange(outcome.ErrorLines.Length, 1, 2);
    }
}
