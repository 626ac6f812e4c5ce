using Microtome.Imaging;
using Microtome.Learning.Supervision.InstanceMasks;

namespace Microtome.Learning.Tests.Supervision;

public sealed class CropSourceTests : IDisposable
{
    private static readonly AugmentationOptions Still = new()
    {
        ScaleFrom = 1,
        ScaleTo = 1,
        Shear = 0,
        ElasticShare = 0,
        LowMagnificationShare = 0,
        BlurShare = 0,
        StainFactor = 0,
        StainOffset = 0,
        Contrast = 0,
        Brightness = 0,
        ChannelGain = 0,
        NoiseShare = 0,
    };

    private readonly string folder = Directory.CreateTempSubdirectory("microtome-crops").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Next_FromALaterStep_EqualsTheUndisturbedRun()
    {
        var image = Discs();
        using var whole = new CropSource([image], new AugmentationOptions(), 64, 3, 11, 0, workers: 2);
        using var resumed = new CropSource([image], new AugmentationOptions(), 64, 3, 11, 2, workers: 5);
        whole.Next();
        whole.Next();
        for (var step = 0; step < 3; step++)
        {
            var (expected, actual) = (whole.Next(), resumed.Next());
            Assert.Equal(expected.Pictures, actual.Pictures);
            Assert.Equal(expected.Targets, actual.Targets);
        }
    }

    [Fact]
    public void Draw_OtherSeedOrStep_GivesOtherCrops()
    {
        var image = Discs();
        using var one = new CropSource([image], new AugmentationOptions(), 32, 1, 1, 0);
        using var two = new CropSource([image], new AugmentationOptions(), 32, 1, 2, 0);
        Assert.NotEqual(one.Draw(0).Pictures, two.Draw(0).Pictures);
        Assert.NotEqual(one.Draw(0).Pictures, one.Draw(1).Pictures);
    }

    [Fact]
    public void Draw_WithAllAugmentation_KeepsEveryValueInRangeAndTargetsAligned()
    {
        var image = Discs();
        using var source = new CropSource([image], Still with { ScaleFrom = 0.75, ScaleTo = 1.35, ElasticShare = 1, Shear = 0.1 }, 64, 8, 5, 0);
        for (var step = 0; step < 4; step++)
        {
            var batch = source.Draw(step);
            Assert.All(batch.Pictures, value => Assert.InRange(value, 0f, 1f));
            const int Area = 64 * 64;
            for (var i = 0; i < batch.Count; i++)
            {
                for (var p = 0; p < Area; p++)
                {
                    // Nuclei of the test picture have red 40, ground has 230: whatever the warp, the foreground must lie on them.
                    var red = batch.Pictures[(i * 3 * Area) + p] * 255;
                    var foreground = batch.Targets[(i * 3 * Area) + p];
                    if (red < 80)
                        Assert.Equal(1f, foreground);
                    if (red > 190)
                        Assert.Equal(0f, foreground);
                }
            }
        }
    }

    [Fact]
    public void Draw_WithoutAnyChange_KeepsColours()
    {
        using var source = new CropSource([Discs()], Still, 64, 4, 3, 0);
        Assert.All(source.Draw(0).Pictures.Chunk(64 * 64).Where((_, plane) => plane % 3 == 0).SelectMany(plane => plane), red => Assert.InRange(red * 255, 38.5f, 231.5f));
    }

    private TrainingImage Discs()
    {
        var picture = new RgbImage(160, 160);
        var labels = new Raster<int>(160, 160);
        for (var y = 0; y < 160; y++)
        {
            for (var x = 0; x < 160; x++)
            {
                var (dx, dy) = ((x % 32) - 16, (y % 32) - 16);
                var inside = (dx * dx) + (dy * dy) < 81;
                labels[x, y] = inside ? 1 + (x / 32) + (y / 32 * 5) : 0;
                picture.Row(y).Slice(3 * x, 3).Fill(inside ? (byte)40 : (byte)230);
            }
        }

        var image = Path.Combine(folder, "discs.png");
        var mask = Path.Combine(folder, "discs_inst.png");
        ImageFile.WritePng(image, picture);
        LabelImage.Write(mask, labels);
        return TrainingImage.Load(new ManifestRow(image, mask, "P", "train", 0.25, 1, 1));
    }
}
