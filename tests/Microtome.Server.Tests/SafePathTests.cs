namespace Microtome.Server.Tests;

public sealed class SafePathTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("microtome-safe-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Inside_AFileOfTheFolder_IsFound()
    {
        string inside = Directory.CreateDirectory(Path.Combine(folder, "in")).FullName;
        File.WriteAllText(Path.Combine(inside, "a"), "1");
        Assert.Equal(Path.Combine(inside, "a"), SafePath.Inside(inside, "a"));
        Assert.Null(SafePath.Inside(inside, "b"));
    }

    [Fact]
    public void Inside_ALinkThatLeadsOut_IsRefusedAndOneThatStaysIsFollowed()
    {
        string inside = Directory.CreateDirectory(Path.Combine(folder, "in")).FullName;
        File.WriteAllText(Path.Combine(folder, "secret"), "1");
        File.WriteAllText(Path.Combine(inside, "a"), "1");
        File.CreateSymbolicLink(Path.Combine(inside, "out"), "../secret");
        File.CreateSymbolicLink(Path.Combine(inside, "absolute"), Path.Combine(folder, "secret"));
        File.CreateSymbolicLink(Path.Combine(inside, "stays"), "../in/a");
        Assert.Null(SafePath.Inside(inside, "out"));
        Assert.Null(SafePath.Inside(inside, "absolute"));
        Assert.Equal(Path.Combine(inside, "a"), SafePath.Inside(inside, "stays"));
    }

    [Fact]
    public void Real_LinksInACircle_AreNoPath()
    {
        File.CreateSymbolicLink(Path.Combine(folder, "x"), "y");
        File.CreateSymbolicLink(Path.Combine(folder, "y"), "x");
        Assert.Null(SafePath.Real(Path.Combine(folder, "x")));
        Assert.Null(SafePath.Real(Path.Combine(folder, "nothing")));
        Assert.Equal(folder, SafePath.Real(Path.Combine(folder, "in", "..")));
    }
}
