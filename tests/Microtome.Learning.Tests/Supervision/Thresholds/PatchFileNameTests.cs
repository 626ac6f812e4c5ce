using Microtome.Imaging;
using Microtome.Learning.Supervision.Thresholds;

namespace Microtome.Learning.Tests.Supervision.Thresholds;

public class PatchFileNameTests
{
    [Fact]
    public void Parse_OfAWrittenName_GivesItBack()
    {
        var name = new PatchFileName("TCGA-05-4244-01Z_a_b", -199, 1801, 0, 10, 659.7, 1);
        Assert.Equal("TCGA-05-4244-01Z_a_b_-199_1801_0_10_659.7_1.png", name.ToString());
        Assert.Equal(name, PatchFileName.Parse("some/where/" + name));
    }

    [Theory]
    [InlineData("S_1_2_3_4_600_2.png", "the label, behind the last underscore, is '2'")]
    [InlineData("S_1_2_3_600_1.png", "SLIDE_X_Y_PX_PY_SIDE_LABEL.png")]
    [InlineData("S_1_2_3_four_600_1.png", "SLIDE_X_Y_PX_PY_SIDE_LABEL.png")]
    [InlineData("_1_2_3_4_600_1.png", "SLIDE_X_Y_PX_PY_SIDE_LABEL.png")]
    public void Parse_OfAnotherName_SaysWhatIsExpected(string name, string part) =>
        Assert.Contains(part, Assert.Throws<SlideException>(() => PatchFileName.Parse(name)).Message, StringComparison.Ordinal);
}
