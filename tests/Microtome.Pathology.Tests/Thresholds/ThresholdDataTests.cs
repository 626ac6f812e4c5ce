using Microtome.Imaging;
using Microtome.Learning.Supervision.Thresholds;

namespace Microtome.Pathology.Tests;

public sealed class ThresholdDataTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("microtome-thresholds").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Table_WithCommasOrSpaces_GivesTheSlidersAndTheStandardOnesOtherwise()
    {
        foreach (string text in (string[])["slide,lym_thr,nec_thr\nS1,0.6,0.9\n", "S1 0.6 0.9\n"])
        {
            var table = ThresholdTable.Read(Write("t.csv", text));
            Assert.Equal(new TeacherThresholds(0.6, 0.9), table.Of("S1"));
            Assert.Equal(new TeacherThresholds(0.6, 0.9), table.Of("S1.1234-uuid"));
            Assert.Equal(TeacherThresholds.Standard, table.Of("S2"));
            Assert.Equal((0.4, 0.9), (table.Of("S1").LymphocyteCut, table.Of("S1").NecrosisCut));
        }
    }

    [Theory]
    [InlineData("slide,lym_thr,nec_thr\nS1,1.6,0.9\n", "line 2: lym_thr is '1.6'")]
    [InlineData("S1 0.5 x\n", "line 1: nec_thr is 'x'")]
    [InlineData("slide,lym_thr\nS1,0.5\n", "no column 'nec_thr'")]
    [InlineData("slide,lym_thr,nec_thr\nS1,0.6,0.9\nS1,0.5,0.9\n", "line 3: the slide S1 is listed twice")]
    public void Table_OfBadCells_NamesThem(string text, string part) =>
        Assert.Contains(part, Assert.Throws<SlideException>(() => ThresholdTable.Read(Write("t.csv", text))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("slide,map,group,split\n", "no column 'patient'")]
    [InlineData("slide,map,group,patient,split\na.png,a.txt,LUAD,p1,training\n", "split 'training' is none of train, validation, test")]
    [InlineData("slide,map,group,patient,split\na.png,a.txt,LUAD,p1,train\nb.png,b.txt,LUAD,p1,test\n", "patient p1 is in train and test")]
    [InlineData("slide,map,group,patient,split\nTCGA-AA-0001-01Z.svs,,LUAD,,train\nTCGA-AA-0001-11A.svs,,LUAD,,test\n", "patient TCGA-AA-0001 is in train and test")]
    [InlineData("slide,map,group,patient,split\n", "lists no slide")]
    [InlineData("slide,map,group,patient,split,mpp\na.png,,LUAD,p,train,40\n", "mpp '40' is no pixel size")]
    public void SlideList_OfBadCells_NamesThem(string text, string part) =>
        Assert.Contains(part, Assert.Throws<SlideException>(() => SlideList.Read(Write("slides.csv", text))).Message, StringComparison.Ordinal);

    [Fact]
    public void TeacherSlide_OfTheOlderText_KeepsItsGridItsNecrosisAndWhatIsUnknown()
    {
        // Patches of 100 px from (1, 1) on, centres rounded; (2, 0) is missing, (0, 1) necrotic, (1, 1) glass.
        using var slide = Slide.Open(Picture("S1", 400, 300), Half);
        string map = Write("S1.txt", "51 51 0.9 0.0\n151 51 0.1 0.0\n351 51 0.9 0.0\n51 151 0.9 0.95\n151 151 0 0\n251 151 0.05 0\n351 151 0.9 0\n");

        var teacher = TeacherSlide.Read(map, TeacherThresholds.Standard, slide);

        Assert.Equal(new MapGrid(1, 1, 100, 100), teacher.Grid);
        Assert.Equal(
            [TeacherState.Til, TeacherState.Tissue, TeacherState.Unknown, TeacherState.Til, TeacherState.Tissue, TeacherState.Glass, TeacherState.Tissue, TeacherState.Til],
            teacher.Map.States.Samples);
    }

    [Fact]
    public void TeacherSlide_OfAnotherSlidesMap_IsRefused()
    {
        using var slide = Slide.Open(Picture("S1", 400, 300), Half);
        string path = Path.Combine(folder, "map.png");
        ImageFile.WritePng(path, new RgbImage(40, 30));
        Assert.Contains("reaches beyond S1 (400 x 300 px)", Assert.Throws<SlideException>(() => TeacherSlide.Read(path, TeacherThresholds.Standard, slide)).Message, StringComparison.Ordinal);
        ImageFile.WritePng(path, new RgbImage(2, 1));
        Assert.Contains("covers only a part of S1", Assert.Throws<SlideException>(() => TeacherSlide.Read(path, TeacherThresholds.Standard, slide)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(0.0)]
    public void Cut_OfASlideWhoseColourSaysThePlace_ReadsTheSuperPatchOfTheMapsGrid(double origin)
    {
        // The slide's red and green are x / 4 and y / 4; its map has one patch of tissue with lymphocytes.
        string path = Picture("S_1", 800, 600);
        var map = new RgbImage(8, 6);
        map.Pixels[3 * ((2 * 8) + 5)] = 255;
        ImageFile.WritePng(Path.Combine(folder, "map.png"), map);
        var row = new SlideListRow("S_1", path, Path.Combine(folder, "map.png"), "LUAD", "p", "train", 0.5);
        var cutting = new SemiAutomaticPatches { Folder = Path.Combine(folder, "patches"), PngOrigin = origin };

        var patch = Assert.Single(cutting.Cut(row));

        int first = (int)origin;
        Assert.Equal($"S_1_{400 + first}_{100 + first}_5_2_300_1.png", patch.Name);
        var picture = patch.Open();
        Assert.Equal((300, 300, 1, "LUAD"), (picture.Width, picture.Height, patch.Label, patch.Group));
        Assert.Equal([(byte)((400 + first) / 4), (byte)((100 + first) / 4)], picture.Pixels[..2]);
        Assert.Equal([(byte)((400 + first + 299) / 4), (byte)((100 + first + 299) / 4)], picture.Row(299)[(3 * 299)..(3 * 299 + 2)].ToArray());
        // The patch without its rim begins where the map's pixel does.
        Assert.Equal((byte)((500 + first) / 4), patch.Middle(100).Image.Pixels[0]);
        // Read back from the folder by its name.
        var back = Assert.Single(PatchFolder.Read(cutting.Folder, null, "train").Of("train"));
        Assert.Equal((patch.Name, 1, "S_1"), (back.Name, back.Label, back.Slide));
    }

    [Fact]
    public void Gather_Mix_TakesManualWhereItIs_LeavesTestedPatientsOut_AndValidatesByHandWhenItCan()
    {
        var map = new RgbImage(8, 6);
        for (int i = 0; i < 48; i++)
            map.Pixels[(3 * i) + (i % 2 == 0 ? 0 : 2)] = 255;
        ImageFile.WritePng(Path.Combine(folder, "map.png"), map);
        var lines = new List<string> { "slide,map,group,patient,split,mpp" };
        foreach (var (slide, group, patient, split) in ((string, string, string, string)[])
            [("a1", "A", "pa1", "train"), ("b1", "B", "pb1", "train"), ("b2", "B", "pb2", "train"), ("v1", "A", "pv1", "validation"), ("t1", "B", "pt1", "test")])
        {
            Picture(slide, 800, 600);
            lines.Add($"{slide}.png,map.png,{group},{patient},{split},0.5");
        }

        string manual = Path.Combine(folder, "manual", "A");
        Directory.CreateDirectory(manual);
        foreach (string name in (string[])["a1_0_0_1_1_300_1", "a1_0_0_2_1_300_0", "v1_0_0_1_1_300_1", "v1_0_0_2_1_300_0", "t1_0_0_1_1_300_1"])
            ImageFile.WritePng(Path.Combine(manual, name + ".png"), new RgbImage(300, 300));
        var slides = SlideList.Read(Write("slides.csv", string.Join('\n', lines) + "\n"));
        var cutting = new SemiAutomaticPatches { Folder = Path.Combine(folder, "patches"), PerSlide = 4 };

        var data = ThresholdData.Gather(TrainingSetKind.Mix, slides, Path.Combine(folder, "manual"), null, cutting, [("b2", string.Empty)], static _ => { }, CancellationToken.None);

        Assert.Equal(["a1", "a1", "b1", "b1", "b1", "b1"], data.Set.Patches.Select(static p => p.Slide));
        Assert.Equal((2, 4, 1), (data.Set.Manual, data.Set.LeftOut, data.Set.LeftOutSlides));
        Assert.Equal([1, 0], data.Validation.Select(static p => p.Label));
        Assert.All(data.Validation, static p => Assert.Equal((100, "v1"), (p.Image.Width, p.Slide)));
        Assert.Contains("chosen on 'A' alone", Assert.Single(data.Notes), StringComparison.Ordinal);
        Assert.Contains("--manual", Assert.Throws<UsageException>(() => ThresholdData.Gather(TrainingSetKind.All, slides, null, null, cutting, [], static _ => { }, CancellationToken.None)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("s1.png,m1.png\ns2.png,m1.png\n", null)]
    [InlineData("s1.png,m1.png\ns2.png,m2.txt\n", "1 of 1 train slides whose maps are probabilities are not in the table of thresholds")]
    [InlineData("s1.png,m2.txt\ns2.png,m2.txt\n", "1 of 2 train slides whose maps are probabilities are not in the table of thresholds")]
    public void Gather_SlidesThatAreNotInTheTable_AreCountedWhereItMatters(string maps, string? expected)
    {
        // Thresholded pictures need no slider; of the two slides the table lists s1.
        Picture("s1", 800, 600);
        Picture("s2", 800, 600);
        var map = new RgbImage(8, 6);
        for (int i = 0; i < 48; i++)
            map.Pixels[(3 * i) + (i % 2 == 0 ? 0 : 2)] = 255;
        ImageFile.WritePng(Path.Combine(folder, "m1.png"), map);
        Write("m2.txt", string.Concat(Enumerable.Range(0, 12).Select(i => $"{51 + (100 * (i % 4))} {51 + (100 * (i / 4))} {(i % 2 == 0 ? 0.9 : 0.1)} 0.0\n")));
        var slides = SlideList.Read(Write("slides.csv", "slide,map,group,patient,split,mpp\n" + string.Join('\n', maps.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select((line, i) => $"{line},A,p{i},train,0.5")) + "\n"));
        var cutting = new SemiAutomaticPatches { Folder = Path.Combine(folder, "patches"), PerSlide = 4, Thresholds = ThresholdTable.Read(Write("t.csv", "slide,lym_thr,nec_thr\ns1,0.5,0.5\n")) };

        var notes = ThresholdData.Gather(TrainingSetKind.Semi, slides, null, null, cutting, [], static _ => { }, CancellationToken.None).Notes.Where(static n => n.Contains("table of thresholds", StringComparison.Ordinal));

        if (expected is null)
            Assert.Empty(notes);
        else
            Assert.StartsWith(expected, Assert.Single(notes), StringComparison.Ordinal);
    }

    private static PixelSize Half => new(0.5, 0.5, PixelSizeSource.User);

    private string Write(string name, string text)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    private string Picture(string name, int width, int height)
    {
        var picture = new RgbImage(width, height);
        for (int i = 0; i < width * height; i++)
            (picture.Pixels[3 * i], picture.Pixels[(3 * i) + 1]) = ((byte)(i % width / 4), (byte)(i / width / 4));
        string path = Path.Combine(folder, name + ".png");
        ImageFile.WritePng(path, picture);
        return path;
    }
}
