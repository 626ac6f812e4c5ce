using System.Diagnostics;

namespace Microtome.Imaging.Tests;

/// <summary>Damaged copies of real files: each gives pixels or a <see cref="SlideException"/>, and the process lives.</summary>
[Collection(nameof(LiveHandles))]
public class SlideMutationTests
{
    // Hundreds of files on an idle machine; never fewer than the least, however busy it is.
    private const int Least = 20;
    private static readonly TimeSpan s_budget = TimeSpan.FromSeconds(4);

    [Fact]
    public void Open_TruncatedSlide_GivesPixelsOrAnError()
    {
        byte[] original = File.ReadAllBytes(Samples.DemoSlide);
        Run(original, ".svs", 400, (bytes, random) => bytes[..random.Next(bytes.Length)]);
    }

    [Fact]
    public void Open_SlideWithFlippedBits_GivesPixelsOrAnError()
    {
        byte[] original = File.ReadAllBytes(Samples.DemoSlide);
        Run(original, ".svs", 400, (bytes, random) => Flip(bytes, random, 0, bytes.Length));
    }

    [Fact]
    public void Open_SlideWithFlippedDirectories_GivesPixelsOrAnError()
    {
        byte[] original = File.ReadAllBytes(Samples.DemoSlide);
        List<(int Start, int Length)> directories = Directories(original);
        Assert.True(directories.Count >= 3);
        Run(original, ".svs", 400, (bytes, random) =>
        {
            (int start, int length) = directories[random.Next(directories.Count)];
            return Flip(bytes, random, start, length);
        });
    }

    [Theory]
    [InlineData("a.png")]
    [InlineData("a.jpg")]
    [InlineData("a.tif")]
    public void Open_DamagedPicture_GivesPixelsOrAnError(string name)
    {
        using var folder = new TemporaryFolder();
        RgbImage image = Patterns.Waves(300, 220);
        if (name.EndsWith("tif", StringComparison.Ordinal))
        {
            using var slide = new MemorySlide(image);
            PyramidWriter.WriteTiff(slide, folder[name], new PyramidOptions { Tile = 128 });
        }
        else
        {
            File.WriteAllBytes(folder[name], name.EndsWith("png", StringComparison.Ordinal) ? Encoder.Png(image) : Encoder.Jpeg(image));
        }

        Run(File.ReadAllBytes(folder[name]), Path.GetExtension(name), 300, (bytes, random) =>
            random.Next(3) == 0 ? bytes[..random.Next(bytes.Length)] : Flip(bytes, random, 0, random.Next(2) == 0 ? bytes.Length : Math.Min(bytes.Length, 512)));
    }

    private static void Run(byte[] original, string extension, int seeds, Func<byte[], Random, byte[]> mutate)
    {
        using var folder = new TemporaryFolder();
        string path = folder["mutated" + extension];
        int handles = OpenSlideHandle.Live;
        var clock = Stopwatch.StartNew();
        int refused = 0;
        int done = 0;
        for (int seed = 0; seed < seeds && (seed < Least || clock.Elapsed < s_budget); seed++, done++)
        {
            File.WriteAllBytes(path, mutate([.. original], new Random(seed)));
            try
            {
                using ISlide slide = Slide.Open(path);
                for (int level = 0; level < slide.Levels.Count; level++)
                {
                    SlideLevel size = slide.Levels[level];
                    slide.ReadRegion(new LevelRect(level, 0, 0, 300, 300));
                    slide.ReadRegion(new LevelRect(level, size.Width / 2, size.Height / 2, 300, 300));
                    slide.ReadRegion(new LevelRect(level, size.Width - 200, size.Height - 200, 300, 300));
                }

                foreach (string name in (slide as IAssociatedImages)?.AssociatedImages ?? [])
                    ((IAssociatedImages)slide).ReadAssociatedImage(name);
            }
            catch (SlideException e)
            {
                refused++;
                Assert.Contains(path, e.Message, StringComparison.Ordinal);
            }
        }

        Assert.True(done >= Least);
        Assert.True(refused > 0, "no damage was noticed, so nothing was tested");
        Assert.Equal(handles, OpenSlideHandle.Live);
    }

    private static byte[] Flip(byte[] bytes, Random random, int start, int length)
    {
        for (int i = random.Next(1, 32); i > 0; i--)
            bytes[start + random.Next(length)] ^= (byte)(1 << random.Next(8));
        return bytes;
    }

    // The image file directories of a classic little-endian TIFF.
    private static List<(int Start, int Length)> Directories(byte[] bytes)
    {
        var found = new List<(int, int)>();
        int at = BitConverter.ToInt32(bytes, 4);
        while (at > 0 && at < bytes.Length)
        {
            int length = 2 + (BitConverter.ToUInt16(bytes, at) * 12) + 4;
            found.Add((at, length));
            at = BitConverter.ToInt32(bytes, at + length - 4);
        }

        return found;
    }
}
