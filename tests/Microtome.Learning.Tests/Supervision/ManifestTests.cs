using Microtome.Imaging;
using Microtome.Learning.Supervision.InstanceMasks;

namespace Microtome.Learning.Tests.Supervision;

public sealed class ManifestTests : IDisposable
{
    private readonly string file = Path.GetTempFileName();

    public void Dispose() => File.Delete(file);

    [Fact]
    public void Read_PatientOnBothSides_IsRefusedWithItsName()
    {
        var error = Assert.Throws<SlideException>(() => Read("a.png,a_inst.png,P1,train,0.25,1,1", "b.png,b_inst.png,P1,test,0.25,1,1"));
        Assert.Contains("patient P1 is in train and test", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.png,a_inst.png,P1,train,0.25,1", "6 columns instead of 7")]
    [InlineData("a.png,a_inst.png,P1,dev,0.25,1,1", "split 'dev'")]
    [InlineData("a.png,a_inst.png,P1,train,250,1,1", "mpp '250'")]
    [InlineData("a.png,a_inst.png,P1,train,0.25,x,1", "instances 'x'")]
    public void Read_MalformedRow_NamesLineAndValue(string row, string expected)
    {
        var error = Assert.Throws<SlideException>(() => Read(row));
        Assert.Contains("line 2", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_GoodRows_ResolvesPathsAgainstTheRoot()
    {
        var manifest = Read("x/a.png,x/a_inst.png,P1,train,0.5,0.3,2", "b.png,b_inst.png,P2,test,0.25,1,1");
        var row = Assert.Single(manifest.Of("train"));
        Assert.Equal(("/data/x/a.png", 0.5, 0.3, 2.0, "a"), (row.Image, row.Mpp, row.Instances, row.Weight, row.Name));
        Assert.Single(manifest.Of("test"));
    }

    private Manifest Read(params string[] rows)
    {
        File.WriteAllLines(file, [Manifest.Header, .. rows]);
        return Manifest.Read(file, "/data");
    }
}
