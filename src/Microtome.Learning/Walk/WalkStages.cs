using System.Runtime.ExceptionServices;

namespace Microtome.Learning;

/// <summary>The threads of a walk. The first exception of any stage stops all of them and is thrown where the walk was asked for.</summary>
internal sealed class WalkStages : IDisposable
{
    private readonly CancellationToken asked;
    private readonly CancellationTokenSource stop;
    private readonly CancellationTokenRegistration waking;
    private readonly List<Thread> threads = [];
    private ExceptionDispatchInfo? fault;

    /// <param name="wake">Wakes whoever waits at a queue; called when the walk is stopped.</param>
    /// <param name="cancellation">Stops the walk.</param>
    public WalkStages(Action wake, CancellationToken cancellation)
    {
        asked = cancellation;
        stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        waking = stop.Token.Register(wake);
    }

    /// <summary>Adds threads of a stage; they start with <see cref="Run"/>.</summary>
    public void Add(string name, int count, Action<CancellationToken> stage)
    {
        for (int i = 0; i < count; i++)
            threads.Add(new Thread(() => Guard(stage)) { IsBackground = true, Name = $"walk {name} {i}" });
    }

    /// <summary>Starts the threads, runs the last stage on the calling one and waits for all.</summary>
    /// <exception cref="OperationCanceledException">The walk was cancelled.</exception>
    public void Run(Action<CancellationToken> last)
    {
        threads.ForEach(t => t.Start());
        Guard(last);
        threads.ForEach(t => t.Join());
        fault?.Throw();
        asked.ThrowIfCancellationRequested();
    }

    public void Dispose()
    {
        waking.Dispose();
        stop.Dispose();
    }

    private void Guard(Action<CancellationToken> stage)
    {
        try
        {
            stage(stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            Interlocked.CompareExchange(ref fault, ExceptionDispatchInfo.Capture(e), null);
            stop.Cancel();
        }
    }
}
