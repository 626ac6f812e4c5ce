using System.Text.Json;

namespace Microtome.EndToEnd.Tests;

public class DoctorTests
{
    [Fact]
    public void Json_ListsEveryComponent_AndTheExitCodeFollows()
    {
        var outcome = MicrotomeProgram.Run("doctor", "--json");

        using var answer = JsonDocument.Parse(outcome.Out);
        var components = answer.RootElement.GetProperty("components").EnumerateArray().ToDictionary(c => c.GetProperty("component").GetString()!);
        string[] expected = [".NET runtime", "OpenSlide", "libvips", "libmicrotome_image", "libmicrotome_torch", "libtorch", "cores", "memory", "free disk here"];
        Assert.All(expected, name => Assert.Contains(name, components.Keys));
        Assert.True(answer.RootElement.GetProperty("ok").GetBoolean(), outcome.Out);
        Assert.Equal(0, outcome.ExitCode);
        Assert.All(components.Values, static c => Assert.True(c.GetProperty("ok").GetBoolean() || c.GetProperty("mend").GetString() is { Length: > 0 }));
    }

    [Fact]
    public void MissingNativeLibrary_IsReportedWithTheMendingCommand_Exit3()
    {
        // A copy of the program far from the repository finds none of our native libraries.
        using var folder = new TemporaryFolder();
        var outcome = MicrotomeProgram.Shell($"cp -r \"$(dirname \"$MICROTOME\")\"/. '{folder.FullPath}' && MICROTOME_NATIVE=/nowhere exec '{folder["microtome"]}' doctor");

        Assert.Equal(3, outcome.ExitCode);
        Assert.Matches("MISSING +libmicrotome_image", outcome.Out);
        Assert.Contains("./microtome doctor", outcome.Out, StringComparison.Ordinal);
    }
}
