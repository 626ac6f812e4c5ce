namespace Microtome.Language.Tests;

public sealed class SmokeTests
{
    [Fact]
    public void Assembly_Loads() => Assert.Equal("Microtome.Language", System.Reflection.Assembly.Load("Microtome.Language").GetName().Name);
}
