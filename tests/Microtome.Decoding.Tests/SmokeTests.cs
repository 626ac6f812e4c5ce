namespace Microtome.Decoding.Tests;

public sealed class SmokeTests
{
    [Fact]
    public void Assembly_Loads() => Assert.Equal("Microtome.Decoding", System.Reflection.Assembly.Load("Microtome.Decoding").GetName().Name);
}
