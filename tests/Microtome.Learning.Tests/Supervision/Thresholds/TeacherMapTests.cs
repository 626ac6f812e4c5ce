using Microtome.Imaging;
using Microtome.Learning.Supervision.Thresholds;

namespace Microtome.Learning.Tests.Supervision.Thresholds;

public sealed class TeacherMapTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("microtome-teacher").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Smooth_OfASingleOne_HasThePublishedWeights()
    {
        var map = Map(3, 3);
        map[1, 1] = 1;
        // 1 / 0.055, four of 1 / 1.055, four of 1 / 2.055.
        double centre = 1 / 0.055, side = 1 / 1.055, corner = 1 / 2.055, sum = centre + (4 * side) + (4 * corner);
        Assert.Equal(centre / sum, TeacherMap.Smooth(map, 1, 1, 0.15), 1e-12);
        // At the corner of the map the weights of the four cells that exist sum to 1.
        Assert.Equal(corner / (centre + (2 * side) + corner), TeacherMap.Smooth(map, 0, 0, 0.15), 1e-12);
        // Without a weight the necrosis map keeps 94 % of its centre.
        Assert.Equal(100 / (100 + (4 / 1.01) + (4 / 2.01)), TeacherMap.Smooth(map, 1, 1, 0), 1e-12);
    }

    [Fact]
    public void Of_TheTwoSliders_RunInOppositeDirections()
    {
        var lymphocytes = Map(4, 4, 0.3f);
        TeacherState State(double lymphocyteSlider, double necrosis, double necrosisSlider) =>
            TeacherMap.Of(lymphocytes, Map(4, 4, (float)necrosis), new TeacherThresholds(lymphocyteSlider, necrosisSlider)).States[1, 1];

        Assert.Equal(TeacherState.Til, State(0.775, 0, 0.775));
        Assert.Equal(TeacherState.Til, State(0.75, 0.5, 0.775));
        Assert.Equal(TeacherState.Tissue, State(0.65, 0, 0.775));
        Assert.Equal(TeacherState.Tissue, State(0.775, 0.8, 0.775));
        Assert.Equal(TeacherState.Til, State(0.775, 0.8, 0.9));
    }

    [Fact]
    public void Of_GlassAndUnknown_StayApartAndUnknownDoesNotDiluteItsNeighbours()
    {
        var map = Map(3, 1);
        (map[0, 0], map[1, 0], map[2, 0]) = (float.NaN, 0.23f, 0);

        var states = TeacherMap.Of(map, null, TeacherThresholds.Standard).States;

        Assert.Equal([TeacherState.Unknown, TeacherState.Tissue, TeacherState.Glass], states.Samples);
        map[2, 0] = float.NaN;
        Assert.Equal(TeacherState.Til, TeacherMap.Of(map, null, TeacherThresholds.Standard).States[1, 0]);
    }

    [Fact]
    public void Of_AnIsolatedPositive_IsSmoothedAway()
    {
        var map = Map(5, 5, 0.01f);
        map[2, 2] = 0.28f;
        Assert.DoesNotContain(TeacherState.Til, TeacherMap.Of(map, null, TeacherThresholds.Standard).States.Samples);
    }

    [Fact]
    public void Read_OfWhatEncodeGives_IsTheSameMap()
    {
        var states = new Raster<TeacherState>(3, 1, [TeacherState.Til, TeacherState.Tissue, TeacherState.Glass]);
        var path = Path.Combine(folder, "map.png");
        ImageFile.WritePng(path, new TeacherMap(states).Encode());

        Assert.Equal([255, 0, 0, 0, 0, 255, 0, 0, 0], ImageFile.ReadRgb(path).Pixels);
        Assert.Equal(states.Samples, TeacherMap.Read(path).States.Samples);
    }

    [Fact]
    public void Read_OfAJpeg_IsRefused()
    {
        var path = Path.Combine(folder, "map.png");
        ImageFile.WriteJpeg(path, new RgbImage(16, 16));
        Assert.Contains("JPEG", Assert.Throws<SlideException>(() => TeacherMap.Read(path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(7, 0, 0)]
    [InlineData(254, 0, 0)]
    [InlineData(255, 0, 255)]
    [InlineData(255, 255, 255)]
    public void Decode_OfAColourThatIsNoCode_NamesTheFileAndThePixel(byte r, byte g, byte b)
    {
        var picture = new RgbImage(2, 2);
        (picture.Pixels[9], picture.Pixels[10], picture.Pixels[11]) = (r, g, b);
        var error = Assert.Throws<SlideException>(() => TeacherMap.Decode(picture, "a.png"));
        Assert.Contains($"a.png is no thresholded map: the pixel at x = 1, y = 1 is {r}, {g}, {b}.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Choose_TakesTissueUniformlyAndNoneTwice()
    {
        var states = new Raster<TeacherState>(20, 10);
        for (int i = 0; i < 200; i++)
            states.Samples[i] = i < 40 ? TeacherState.Til : i < 160 ? TeacherState.Tissue : i < 180 ? TeacherState.Glass : TeacherState.Unknown;
        var map = new TeacherMap(states);
        var drawn = new int[200];
        for (int seed = 0; seed < 400; seed++)
        {
            var chosen = map.Choose(20, seed);
            Assert.Equal(20, chosen.Distinct().Count());
            foreach (var (x, y) in chosen)
                drawn[(y * 20) + x]++;
        }

        // Each of 160 cells is expected 50 times (sd 6.6); the positives' share stays the map's own quarter.
        Assert.All(drawn.Take(160), static n => Assert.InRange(n, 20, 85));
        Assert.All(drawn.Skip(160), static n => Assert.Equal(0, n));
        Assert.InRange(drawn.Take(40).Sum() / 8000.0, 0.23, 0.27);
        Assert.Equal(160, map.Choose(1000, 1).Count);
        Assert.Equal(map.Choose(20, 7), map.Choose(20, 7));
    }

    private static Raster<float> Map(int width, int height, float value = 0)
    {
        var map = new Raster<float>(width, height);
        Array.Fill(map.Samples, value);
        return map;
    }
}
