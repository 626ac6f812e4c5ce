using Microtome.Imaging;
using Microtome.Learning.Supervision.Thresholds;

namespace Microtome.Learning.Tests.Supervision.Thresholds;

public class TrainingSetTests
{
    private static readonly SuperPatch[] Manual = [Patch("m1", "TCGA-AA-0001-01Z-DX1", "A"), Patch("m2", "TCGA-AA-0002-01Z-DX1", "B")];
    private static readonly SuperPatch[] Semi =
        [Patch("s1", "TCGA-AA-0001-01Z-DX2", "A"), Patch("s2", "TCGA-AA-0003-01Z-DX1", "A"), Patch("s3", "TCGA-AA-0004-01Z-DX1", "C"), Patch("s4", "slide7", "C"), Patch("s5", "TCGA-AA-0002-01Z-DX9", "B")];

    [Theory]
    [InlineData(TrainingSetKind.Manual, "m1 m2")]
    [InlineData(TrainingSetKind.Semi, "s1 s2 s3 s4 s5")]
    [InlineData(TrainingSetKind.All, "m1 m2 s1 s2 s3 s4 s5")]
    [InlineData(TrainingSetKind.Mix, "m1 m2 s3 s4")]
    public void Of_EachKind_TakesItsLabels(TrainingSetKind kind, string expected)
    {
        var set = TrainingSet.Of(kind, Manual, Semi, new LeakageFilter([]));
        Assert.Equal(expected, string.Join(' ', set.Patches.Select(static p => p.Name)));
        Assert.Equal(0, set.LeftOut);
    }

    [Fact]
    public void Of_WithTestSlides_LeavesOutTheirPatientsOtherSlidesAndSaysHowMany()
    {
        var set = TrainingSet.Of(TrainingSetKind.All, Manual, Semi, new LeakageFilter([("TCGA-AA-0001-01Z-DX1", ""), ("slide7.uuid", "")]));
        Assert.Equal("m2 s2 s3 s5", string.Join(' ', set.Patches.Select(static p => p.Name)));
        Assert.Equal((3, 3, 1), (set.LeftOut, set.LeftOutSlides, set.Manual));
        Assert.Contains("3 patches of 3 slides left out", set.Description, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_MixWhenAGroupsManualLabelsAreTested_TakesItsTeacherMaps()
    {
        var set = TrainingSet.Of(TrainingSetKind.Mix, Manual, Semi, new LeakageFilter([("TCGA-AA-0002-01Z-DX1", "")]));
        Assert.Equal("m1 s3 s4", string.Join(' ', set.Patches.Select(static p => p.Name)));
        var other = TrainingSet.Of(TrainingSetKind.Mix, [Manual[0] with { Patient = "p9" }], Semi, new LeakageFilter([("x", "p9")]));
        Assert.Equal("s1 s2 s3 s4 s5", string.Join(' ', other.Patches.Select(static p => p.Name)));
    }

    [Fact]
    public void Of_NothingLeft_SaysWhy()
    {
        var error = Assert.Throws<SlideException>(() => TrainingSet.Of(TrainingSetKind.Manual, Manual, [], new LeakageFilter([("a", "TCGA-AA-0001"), ("b", "TCGA-AA-0002")])));
        Assert.Contains("All 2 patches belong to slides or patients that are tested", error.Message, StringComparison.Ordinal);
    }

    private static SuperPatch Patch(string name, string slide, string group) => new(name, static () => new RgbImage(1, 1), 0, LeakageFilter.PatientOf(slide, null), slide, group);
}
