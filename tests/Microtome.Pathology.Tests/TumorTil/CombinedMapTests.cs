using Microtome.Imaging;

namespace Microtome.Pathology.Tests;

public class CombinedMapTests
{
    // Method page, section 6.1.
    [Theory]
    [InlineData("TCGA-3C-AALI", 505, 372, 95861, 2277, 1316, 27804, 60602, 0.0757)]
    [InlineData("TCGA-3C-AALJ", 478, 431, 59502, 1364, 1263, 58139, 85750, 0.0229)]
    [InlineData("TCGA-3C-AALK", 477, 409, 105420, 1248, 4134, 16092, 68199, 0.0720)]
    [InlineData("TCGA-4H-AAAK", 372, 391, 76195, 123, 36, 57752, 11346, 0.0021)]
    public void Read_PublishedMap_CountsEveryClassExactly(string patient, int width, int height, long none, long both, long til, long tumor, long tissue, double share)
    {
        var map = CombinedMap.Read(Published.Map(patient));

        Assert.Equal((width, height), (map.Width, map.Height));
        var counts = map.Count();
        Assert.Equal(new CombinedMapCounts(none, both, til, tumor, tissue), counts);
        Assert.Equal(share, Math.Round(counts.InfiltratedShare!.Value, 4));
    }

    [Fact]
    public void Write_ThenRead_GivesTheSamePixels_AndTheViewHasThePublishedColours()
    {
        var map = CombinedMap.Read(Published.Map("TCGA-4H-AAAK"));
        var folder = Directory.CreateTempSubdirectory("microtome-test-");
        try
        {
            string path = Path.Combine(folder.FullName, "combined.png"), view = Path.Combine(folder.FullName, "classes.png");
            map.Write(path);
            map.WriteClassView(view);

            Assert.Equal(map.Pixels.Pixels, CombinedMap.Read(path).Pixels.Pixels);
            // Read back on white: what is transparent becomes white.
            var seen = ImageFile.ReadRgb(view);
            var colours = new Dictionary<CombinedMapClass, (byte, byte, byte)>
            {
                [CombinedMapClass.None] = (255, 255, 255),
                [CombinedMapClass.Tissue] = (192, 192, 192),
                [CombinedMapClass.Tumor] = (255, 255, 0),
                [CombinedMapClass.Til] = (255, 0, 0),
                [CombinedMapClass.TumorAndTil] = (255, 165, 0),
            };
            for (int y = 0; y < map.Height; y++)
            {
                var row = seen.Row(y);
                for (int x = 0; x < map.Width; x++)
                {
                    if (colours[map[x, y]] != (row[x * 3], row[(x * 3) + 1], row[(x * 3) + 2]))
                        Assert.Fail($"{map[x, y]} at {x}, {y} is ({row[x * 3]}, {row[(x * 3) + 1]}, {row[(x * 3) + 2]}).");
                }
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Read_AnotherPicture_IsRefused()
    {
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.png");
        try
        {
            var image = new RgbImage(3, 2);
            image.Pixels[14] = 100;
            ImageFile.WritePng(path, image);

            Assert.Contains("blue is 100 at x = 1, y = 1", Assert.Throws<SlideException>(() => CombinedMap.Read(path)).Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Merge_CodesTheFiveClasses()
    {
        // Five lymphocyte patches in a row, tumor patches of the same size; the last has no tumor patch.
        var til = Row(0.9f, 0.9f, 0.1f, 0f, float.NaN);
        var tumor = Row(1f, 0f, 0f, 0f);

        var map = CombinedMap.Merge(tumor, til, tilThreshold: 0.5, tumorThreshold: 0.3);

        Assert.Equal([CombinedMapClass.TumorAndTil, CombinedMapClass.Til, CombinedMapClass.Tissue, CombinedMapClass.None, CombinedMapClass.None], Enumerable.Range(0, 5).Select(x => map[x, 0]));
        // (1 2 1) over known cells: 2/3 of the first, 1/4 of the second.
        Assert.Equal([230, 170, 252, 230, 64, 253], map.Pixels.Pixels[..6]);
    }

    private static PatchMap Row(params float[] values) => new(new PatchAxis(0, 200, 200, values.Length), new PatchAxis(0, 200, 200, 1), new Raster<float>(values.Length, 1, values));
}
