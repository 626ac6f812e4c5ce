using Microtome.Imaging;

namespace Microtome.Learning.Tests.Walk;

public class PatchWalkTests
{
    [Fact]
    public void Grid_KeepsPatchesWhoseCentreIsOnTheSlideAndWanted_InWsInfersOrder()
    {
        var grid = PatchGrid.Over(1050, 340, 100, 100, centre => centre.X < 500);

        Assert.Equal([0, 0, 0, 100, 100, 100, 200, 200, 200, 300, 300, 300, 400, 400, 400], grid.Patches.Select(p => p.X));
        Assert.Equal([0, 100, 200], grid.Patches.Take(3).Select(p => p.Y));
        // Half a patch over the right border is kept (centre 1000 + 50 is not < 1050), 40 of 100 rows below are not.
        Assert.Equal(9 + 1, PatchGrid.Over(1051, 100, 100, 100, _ => true).Patches.Count - 1);
        Assert.Equal(10, PatchGrid.Over(1050, 100, 100, 100, _ => true).Patches.Count);
    }

    [Fact]
    public void Grid_BlocksHoldEveryPatchOnce_AndLieTogether()
    {
        var grid = PatchGrid.Over(9000, 7000, 350, 376, centre => (centre.X + centre.Y) % 3 != 0);

        Assert.Equal(Enumerable.Range(0, grid.Patches.Count), grid.Blocks.SelectMany(b => b.Patches).Order());
        Assert.All(grid.Blocks, b =>
        {
            Assert.True(b.Area.Width <= 8 * 350 && b.Area.Height <= 2048 + 376);
            Assert.All(b.Patches, i => Assert.True(grid.Patches[i].X >= b.Area.X && grid.Patches[i].Right <= b.Area.X + b.Area.Width && grid.Patches[i].Y >= b.Area.Y && grid.Patches[i].Bottom <= b.Area.Y + b.Area.Height));
        });
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(3, 2, 7)]
    [InlineData(2, 4, 64)]
    public void Run_AnyThreadsAndBatch_AnswersEveryPatchWithItsOwnPixels(int readers, int workers, int batch)
    {
        using var slide = Slide.Open("synthetic:3000x2600?tissue=0.5");
        var grid = PatchGrid.Over(3000, 2600, 130, 110, c => c.X > 300);
        using var network = new MeanNetwork(workers);
        var answers = new float[grid.Patches.Count];

        new PatchWalk(grid, slide, network, readers, batch).Run((block, values) =>
        {
            for (var i = 0; i < block.Patches.Count; i++)
                answers[block.Patches[i]] = values[i];
        }, null, TestContext.Current.CancellationToken);

        for (var i = 0; i < grid.Patches.Count; i += 17)
        {
            var place = grid.Patches[i];
            var patch = new RgbImage((int)place.Width, (int)place.Height);
            slide.ReadRegion(new LevelRect(0, place.X, place.Y, (int)place.Width, (int)place.Height), patch);
            Assert.Equal(MeanNetwork.Mean(patch), answers[i]);
        }
    }

    [Fact]
    public void Run_FromALaterBlock_GivesOnlyTheRest()
    {
        using var slide = Slide.Open("synthetic:5000x2600");
        var grid = PatchGrid.Over(5000, 2600, 100, 100, _ => true);
        using var network = new MeanNetwork(2);
        var seen = new List<PatchBlock>();

        new PatchWalk(grid, slide, network, 2, 16, firstBlock: 3).Run((block, _) => seen.Add(block), null, TestContext.Current.CancellationToken);

        Assert.Equal(grid.Blocks.Skip(3), seen);
    }

    [Fact]
    public void Run_NetworkThatFails_StopsEverythingWithItsException()
    {
        using var slide = Slide.Open("synthetic:9000x9000");
        var grid = PatchGrid.Over(9000, 9000, 100, 100, _ => true);
        using var network = new MeanNetwork(2) { FailAt = 5 };

        var thrown = Assert.Throws<InvalidDataException>(() => new PatchWalk(grid, slide, network, 2, 16).Run((_, _) => { }, null, TestContext.Current.CancellationToken));

        Assert.Equal("on purpose", thrown.Message);
    }

    [Fact]
    public void Run_Cancelled_Throws()
    {
        using var slide = Slide.Open("synthetic:9000x9000");
        var grid = PatchGrid.Over(9000, 9000, 100, 100, _ => true);
        using var network = new MeanNetwork(2);
        using var stop = new CancellationTokenSource();

        Assert.Throws<OperationCanceledException>(() => new PatchWalk(grid, slide, network, 2, 16).Run((_, _) => stop.Cancel(), null, stop.Token));
    }

    // Answers the mean of the first channel: exact, and different for nearly every patch.
    private sealed class MeanNetwork(int workers) : IPatchNetwork
    {
        private int calls;

        public int FailAt { get; init; } = int.MaxValue;

        public string Name => "mean";

        public int InputWidth => 130;

        public int InputHeight => 110;

        public IReadOnlyList<string> Classes => ["Mean"];

        public int Workers => workers;

        public static float Mean(RgbImage image)
        {
            long sum = 0;
            for (var i = 0; i < image.Pixels.Length; i += 3)
                sum += image.Pixels[i];
            return sum / (image.Pixels.Length / 3f) / 255;
        }

        public void Prepare(RgbImage patch, RgbImage input)
        {
            for (var y = 0; y < InputHeight; y++)
            {
                for (var x = 0; x < InputWidth; x++)
                    patch.Row(y * patch.Height / InputHeight).Slice(x * patch.Width / InputWidth * 3, 3).CopyTo(input.Row(y)[(3 * x)..]);
            }
        }

        public void Predict(IReadOnlyList<RgbImage> inputs, Span<float> probabilities)
        {
            if (Interlocked.Increment(ref calls) >= FailAt)
                throw new InvalidDataException("on purpose");
            for (var i = 0; i < inputs.Count; i++)
                probabilities[i] = Mean(inputs[i]);
        }

        public void Dispose()
        {
        }
    }
}
