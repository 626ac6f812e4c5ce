using System.Globalization;
using System.Security.Cryptography;

namespace Microtome.Imaging.Tests;

public sealed class AntialiasedResizeTests
{
    public static TheoryData<int, int, int, int, string> Recorded()
    {
        var data = new TheoryData<int, int, int, int, string>();
        foreach (string line in File.ReadLines(Path.Combine(Samples.Root, "tests", "Microtome.Imaging.Tests", "Rasters", "AntialiasedResize.txt")))
        {
            string[] words = line.Split(' ');
            int[] sizes = [.. words.Take(4).Select(static word => int.Parse(word, CultureInfo.InvariantCulture))];
            data.Add(sizes[0], sizes[1], sizes[2], sizes[3], words[4]);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Recorded))]
    public void Resize_GivesWhatPillowGives(int width, int height, int targetWidth, int targetHeight, string expected)
    {
        RgbImage target = new(targetWidth, targetHeight);

        AntialiasedResize.Resize(Picture(width, height), target);

        Assert.Equal(expected, target.Pixels.Length <= 96 ? Convert.ToHexStringLower(target.Pixels) : Convert.ToHexStringLower(SHA256.HashData(target.Pixels)));
    }

    [Theory]
    [InlineData(255)]
    [InlineData(0)]
    [InlineData(137)]
    public void Resize_OfOneColour_KeepsIt(byte value)
    {
        RgbImage source = new(101, 67);
        source.Pixels.AsSpan().Fill(value);
        foreach (var (width, height) in ((int, int)[])[(1, 1), (13, 200), (100, 66), (299, 299)])
        {
            RgbImage target = new(width, height);
            AntialiasedResize.Resize(source, target);
            Assert.All(target.Pixels, sample => Assert.Equal(value, sample));
        }
    }

    [Fact]
    public void Resize_FromManyThreads_IsTheSame_AndLeavesNoGarbage()
    {
        RgbImage source = Picture(350, 350);
        RgbImage expected = new(224, 224);
        AntialiasedResize.Resize(source, expected);
        Parallel.For(0, 64, _ =>
        {
            RgbImage target = new(224, 224);
            AntialiasedResize.Resize(source, target);
            Assert.True(expected.Pixels.AsSpan().SequenceEqual(target.Pixels));
        });

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            AntialiasedResize.Resize(source, expected);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 100_000); // one row buffer a call would be 100 times 2 KB
    }

    [Fact]
    public void Resize_IntoItself_IsRefused()
    {
        RgbImage picture = new(4, 4);
        Assert.Throws<ArgumentException>(() => AntialiasedResize.Resize(picture, picture));
    }

    // generate.py makes the same.
    private static RgbImage Picture(int width, int height)
    {
        RgbImage picture = new(width, height);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                for (int c = 0; c < 3; c++)
                {
                    picture.Row(y)[(3 * x) + c] = ((x / 16) + (y / 16)) % 5 == 0
                        ? (byte)((x + c) % 2 == 1 ? 255 : 0)
                        : (byte)(((x * 2654435761L) ^ (y * 40503L) ^ (c * 2246822519L)) >> 7);
                }
            }
        }

        return picture;
    }
}
