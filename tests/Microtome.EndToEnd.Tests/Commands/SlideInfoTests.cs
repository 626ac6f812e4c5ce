using System.Text.Json;

namespace Microtome.EndToEnd.Tests;

public class SlideInfoTests
{
    [Fact]
    public void Json_OfTheBundledSlide_IsOneObjectWithItsSizes()
    {
        var outcome = MicrotomeProgram.Run("slide", "info", MicrotomeProgram.Sample, "--json");

        Assert.Equal(0, outcome.ExitCode);
        using var answer = JsonDocument.Parse(outcome.Out);
        Assert.Equal(2220, answer.RootElement.GetProperty("width").GetInt32());
        Assert.Equal(2967, answer.RootElement.GetProperty("height").GetInt32());
        Assert.Equal(0.499, answer.RootElement.GetProperty("mpp_x").GetDouble());
    }

    [Fact]
    public void SlideInfo_NeverLoadsLibtorch()
    {
        // The loader itself says which libraries it opened.
        var outcome = MicrotomeProgram.Shell("LD_DEBUG=files exec \"$MICROTOME\" slide info \"$1\"", MicrotomeProgram.Sample);

        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains("libopenslide", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("libtorch", outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a b/slide one.svs")]
    [InlineData("病理 切片/标本—01.svs")]
    [InlineData("it's \"quoted\"/x.svs")]
    public void PathWithSpacesOrOtherScripts_IsRead(string path)
    {
        using var folder = new TemporaryFolder();
        var copy = folder[path];
        Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
        File.Copy(MicrotomeProgram.Sample, copy);

        var info = MicrotomeProgram.Run("slide", "info", copy);
        var thumbnail = MicrotomeProgram.Run("slide", "thumbnail", copy, "-o", folder["缩略 图.jpg"]);

        Assert.Equal((0, 0), (info.ExitCode, thumbnail.ExitCode));
        Assert.Contains("2220 x 2967", info.Out, StringComparison.Ordinal);
        Assert.Equal([0xFF, 0xD8], File.ReadAllBytes(folder["缩略 图.jpg"])[..2]);
    }
}
