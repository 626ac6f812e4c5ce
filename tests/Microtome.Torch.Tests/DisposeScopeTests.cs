using static Microtome.Torch.torch;

namespace Microtome.Torch.Tests;

public class DisposeScopeTests
{
    [Fact]
    public void Scope_Ended_DisposesWhatWasMadeInIt()
    {
        var before = LiveTensors.Settled();
        Tensor t;
        using (NewDisposeScope())
        {
            t = ones(3) + ones(3) * 2;
            Assert.Equal(before + 4, live_tensors);
        }
        Assert.True(t.IsInvalid);
        Assert.Equal(before, LiveTensors.Settled());
        Assert.Throws<ObjectDisposedException>(() => t.sum());
    }

    [Fact]
    public void MoveToOuter_FromTwoScopesDeep_SurvivesOneScopeAtATime()
    {
        var before = LiveTensors.Settled();
        Tensor t;
        using (NewDisposeScope())
        {
            using (NewDisposeScope())
                t = zeros(2).MoveToOuterDisposeScope();
            Assert.False(t.IsInvalid);
        }
        Assert.True(t.IsInvalid);
        Assert.Equal(before, LiveTensors.Settled());
    }

    [Fact]
    public void Detach_FromScope_LeavesTheTensorToItsHolder()
    {
        Tensor t;
        using (NewDisposeScope())
            t = full([2], 5).DetachFromDisposeScope();
        Assert.Equal(10, t.sum().item<float>());
        t.Dispose();
        Assert.True(t.IsInvalid);
    }

    [Fact]
    public void DisposeEverythingBut_KeepsOnlyTheGiven()
    {
        using var scope = NewDisposeScope();
        var kept = ones(2);
        var gone = ones(2);
        scope.DisposeEverythingBut(kept);
        Assert.False(kept.IsInvalid);
        Assert.True(gone.IsInvalid);
        Assert.Equal(1, scope.DisposablesCount);
    }

    [Fact]
    public void Dispose_Twice_FreesOnce()
    {
        var before = LiveTensors.Settled();
        var t = ones(2);
        t.Dispose();
        t.Dispose();
        Assert.Equal(before, LiveTensors.Settled());
    }

    [Fact]
    public void Scopes_OnTwoThreads_DoNotTouchEachOther()
    {
        using var scope = NewDisposeScope();
        var count = -1;
        var thread = new Thread(() =>
        {
            using var own = NewDisposeScope();
            _ = ones(1);
            count = own.DisposablesCount;
        });
        thread.Start();
        thread.Join();
        Assert.Equal(1, count);
        Assert.Equal(0, scope.DisposablesCount);
    }

    [Fact]
    public void Training_ThousandSteps_KeepsMemoryFlat()
    {
        manual_seed(1);
        using var net = nn.Sequential(nn.Conv2d(1, 8, 3, padding: 1), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 1, 3, padding: 1));
        using var optimizer = optim.AdamW(net.parameters());
        for (var i = 0; i < 200; i++)
            Step();
        var (tensors, memory) = (LiveTensors.Settled(), ResidentBytes());
        for (var i = 0; i < 1000; i++)
            Step();
        Assert.Equal(tensors, LiveTensors.Settled());
        // a leak of one 64x64 float image a step would be 16 MB, of one activation of 8 channels 131 MB; the rest is the heaps' breathing
        Assert.InRange(ResidentBytes() - memory, long.MinValue, 10L << 20);

        void Step()
        {
            using var scope = NewDisposeScope();
            optimizer.zero_grad();
            var input = randn(1, 1, 64, 64);
            nn.functional.mse_loss(net.forward(input), input).backward();
            optimizer.step();
        }

        static long ResidentBytes()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            var line = File.ReadLines("/proc/self/status").First(l => l.StartsWith("RssAnon:", StringComparison.Ordinal));
            return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) * 1024;
        }
    }
}
