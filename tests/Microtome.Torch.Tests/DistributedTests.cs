using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using static Microtome.Torch.torch;

namespace Microtome.Torch.Tests;

/// <summary>Real processes on the loopback interface. The checks themselves are in the worker.</summary>
public class DistributedTests
{
    [Theory]
    [InlineData("collectives", 2)]
    [InlineData("collectives", 3)]
    [InlineData("gradients", 2)]
    public async Task Processes_Scenario_EveryRankSeesTheClosedForm(string scenario, int size)
    {
        Assert.True(distributed.is_gloo_available());
        var port = FreePort();
        var results = await Task.WhenAll(Enumerable.Range(0, size).Select(rank => Worker(scenario, rank, size, port)));
        Assert.All(results, r => Assert.True(r is { Exit: 0, Output: "done" }, $"exit {r.Exit}: {r.Output} {r.Error}"));
    }

    [Fact]
    public async Task InitProcessGroup_OtherNeverComes_FailsInTime()
    {
        // the worker waits one second; without that limit it would wait for half an hour and be ended by the one in Worker
        var (exit, _, error) = await Worker("alone", 1, 2, FreePort());
        Assert.Equal(4, exit);
        Assert.Contains("refused: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public void InitProcessGroup_OneProcess_IsItsOwnWorld()
    {
        using var scope = NewDisposeScope();
        distributed.init_process_group("gloo", new Rendezvous(0, 1, 0, "127.0.0.1", FreePort()));
        try
        {
            Assert.Equal((0, 1, true), (distributed.get_rank(), distributed.get_world_size(), distributed.is_initialized()));
            var t = tensor(new float[] { 1, 2 });
            distributed.all_reduce(t);
            distributed.barrier();
            Assert.Equal([1f, 2f], t.data<float>().ToArray());
            var refusal = Assert.Throws<TorchException>(() => distributed.broadcast(t, 1));
            Assert.Contains("rank 1 does not exist in a group of 1", refusal.Message, StringComparison.Ordinal);
            Assert.Throws<TorchException>(() => distributed.init_process_group("gloo", new Rendezvous(0, 1, 0, "127.0.0.1", FreePort())));
        }
        finally
        {
            distributed.destroy_process_group();
        }
        Assert.False(distributed.is_initialized());
        Assert.Contains("init_process_group", Assert.Throws<TorchException>(distributed.barrier).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void InitProcessGroup_UnknownOrAbsentBackend_SaysSo()
    {
        Assert.Contains("gloo", Assert.Throws<ArgumentException>(() => distributed.init_process_group("smoke")).Message, StringComparison.Ordinal);
        if (!distributed.is_nccl_available())
            Assert.Contains("'nccl'", Assert.Throws<TorchException>(() => distributed.init_process_group("nccl", new Rendezvous(0, 1, 0, "127.0.0.1", 1))).Message, StringComparison.Ordinal);
    }

    private static async Task<(int Exit, string Output, string Error)> Worker(string scenario, int rank, int size, int port)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!.EndsWith("dotnet", StringComparison.Ordinal) ? Environment.ProcessPath : "dotnet",
            ["exec", Path.Combine(AppContext.BaseDirectory, "Microtome.Torch.Worker.dll"), scenario])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["RANK"] = rank.ToString(CultureInfo.InvariantCulture);
        start.Environment["WORLD_SIZE"] = size.ToString(CultureInfo.InvariantCulture);
        start.Environment["MASTER_ADDR"] = "127.0.0.1";
        start.Environment["MASTER_PORT"] = port.ToString(CultureInfo.InvariantCulture);
        start.Environment["OMP_NUM_THREADS"] = "1";
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var error = process.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
        return (process.ExitCode, (await output).Trim(), (await error).Trim());
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
