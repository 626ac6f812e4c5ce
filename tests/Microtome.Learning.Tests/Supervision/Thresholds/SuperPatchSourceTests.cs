using Microtome.Imaging;
using Microtome.Learning.Supervision.Patches;
using Microtome.Learning.Supervision.Thresholds;

namespace Microtome.Learning.Tests.Supervision.Thresholds;

public class SuperPatchSourceTests
{
    private static readonly PatchGeometry Geometry = new(10, 0.5, 10);

    [Fact]
    public void Draw_WithoutVariation_GivesTheMiddleAndEachPatchOnceAnEpoch()
    {
        var patches = Enumerable.Range(0, 7).Select(i => Patch($"p{i}", i % 2, (x, y) => (byte)((10 * i) + (x == 10 && y == 10 ? 5 : 0)))).ToArray();
        var source = Source(patches, SuperPatchAugmentation.None, batch: 7);

        for (int step = 0; step < 3; step++)
        {
            var batch = source.Draw(step);
            // The first pixel of the middle third is (10, 10) of 30.
            int[] seen = [.. Enumerable.Range(0, 7).Select(i => (int)Math.Round(batch.Pictures[i * 300] * 255))];
            Assert.Equal([5, 15, 25, 35, 45, 55, 65], seen.Order());
            Assert.Equal(seen.Select(static v => (long)(v / 10 % 2)), batch.Labels);
            Assert.All(batch.Weights, static w => Assert.Equal(1, w));
            Assert.Equal(batch.Pictures, Source(patches, SuperPatchAugmentation.None, batch: 7).Draw(step).Pictures);
        }
    }

    [Fact]
    public void Draw_WithAllVariation_ShowsNoPaddingAndAlwaysTheMiddle()
    {
        // The rim is as wide as the patch: shifted by 2 of 10 and turned by quarters, a patch holds its middle and never the outer rim (marked 0).
        var patch = Patch("p", 1, static (x, y) => x is < 8 or >= 22 || y is < 8 or >= 22 ? (byte)0 : x is >= 12 and < 18 && y is >= 12 and < 18 ? (byte)200 : (byte)100);
        var source = Source([patch], SuperPatchAugmentation.Til with { HueShift = 0, Brightness = 0 }, batch: 200);

        var pictures = source.Draw(0).Pictures;

        Assert.DoesNotContain(0f, pictures);
        for (int i = 0; i < 200; i++)
            Assert.Equal(36 * 3, pictures.Skip(i * 300).Take(300).Count(static v => Math.Abs(v - (200 / 255f)) < 1e-6));
    }

    [Fact]
    public void Draw_OfMarkedCorners_ReachesAllEightPlacesOfASquare()
    {
        // Three different marks in the corners of the patch tell turns from flips.
        var patch = Patch("p", 1, static (x, y) => (x, y) switch { (10, 10) => 50, (19, 10) => 100, (10, 19) => 150, _ => 0 });
        var source = Source([patch], SuperPatchAugmentation.Til with { HueShift = 0, Brightness = 0, Translation = 0 }, batch: 200);

        var pictures = source.Draw(0).Pictures;
        var corners = Enumerable.Range(0, 200).Select(i => string.Join(',', new[] { 0, 9, 90, 99 }.Select(p => Math.Round(pictures[(i * 300) + p] * 255)))).ToList();

        Assert.Equal(8, corners.Distinct(StringComparer.Ordinal).Count());
        Assert.All(corners, static c => Assert.Equal(["0", "100", "150", "50"], c.Split(',').Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void Draw_WithBrightness_AddsUpToTwentyToAllChannels()
    {
        var source = Source([Patch("p", 0, static (_, _) => 100)], SuperPatchAugmentation.Til with { HueShift = 0 }, batch: 300);
        int[] values = [.. source.Draw(0).Pictures.Chunk(300).Select(static p => (int)Math.Round(p[0] * 255))];
        Assert.Equal((80, 120), (values.Min(), values.Max()));
    }

    [Fact]
    public void ShiftHue_ByAThird_TurnsRedToGreenAndBack()
    {
        byte[] pixels = [200, 20, 20, 128, 128, 128, 10, 20, 30];
        PatchJitter.ShiftHue(pixels, 1.0 / 3);
        Assert.Equal([20, 200, 20, 128, 128, 128, 30, 10, 20], pixels);
        PatchJitter.ShiftHue(pixels, -1.0 / 3);
        Assert.Equal([200, 20, 20, 128, 128, 128, 10, 20, 30], pixels);
    }

    [Fact]
    public void Draw_OfAPictureSmallerThanThePatch_NamesIt()
    {
        var source = Source([new SuperPatch("small.png", static () => new RgbImage(9, 30), 0, "p", "s", "g")], SuperPatchAugmentation.Til, batch: 1);
        Assert.Contains("small.png has 9 x 30 px", Assert.Throws<SlideException>(() => source.Draw(0)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Draw_TurnedByAnyAngle_StaysWithinTheRim()
    {
        // 10 px turned by 22 degrees reach 6.5 px from the centre along an axis.
        var patch = Patch("p", 1, static (x, y) => (byte)(x is < 7 or >= 23 || y is < 7 or >= 23 ? 0 : 120));
        var pictures = Source([patch], new SuperPatchAugmentation { Degrees = 22 }, batch: 50).Draw(0).Pictures;
        Assert.All(pictures, static v => Assert.Equal(120 / 255f, v, 1e-6));
    }

    private static SuperPatchSource Source(SuperPatch[] patches, SuperPatchAugmentation augmentation, int batch) =>
        new(TrainingSet.Of(TrainingSetKind.Semi, [], patches, new LeakageFilter([])), Geometry, augmentation, batch, seed: 3);

    // Grey, 30 x 30.
    private static SuperPatch Patch(string name, int label, Func<int, int, byte> value)
    {
        var picture = new RgbImage(30, 30);
        for (int i = 0; i < picture.Pixels.Length; i++)
            picture.Pixels[i] = value(i / 3 % 30, i / 90);
        return new SuperPatch(name, () => picture, label, "patient", "slide", "group");
    }
}
