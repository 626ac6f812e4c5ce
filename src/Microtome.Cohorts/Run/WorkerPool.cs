using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Microtome.Ledger;

namespace Microtome.Cohorts;

/// <summary>
/// Runs workers as processes of their own, so that one that dies takes nobody with it, and starts a new one in its place. A slide that kills its workers
/// has failed after its last attempt, so this comes to an end.
/// </summary>
public sealed class WorkerPool
{
    /// <summary>How a worker is told the ledger; not on its command line, where passwords could be seen.</summary>
    public const string AddressVariable = "MICROTOME_LEDGER";

    private const int MostStillborn = 8;
    private static readonly TimeSpan s_beginning = TimeSpan.FromSeconds(1);
    private readonly Func<int, ProcessStartInfo> command;
    private readonly int size;
    private readonly Action<string> say;

    /// <summary>Makes a pool.</summary>
    /// <param name="size">How many workers.</param>
    /// <param name="command">The program of worker 0, 1, ...; its standard input closes when this process ends.</param>
    /// <param name="say">Is told what workers say.</param>
    public WorkerPool(int size, Func<int, ProcessStartInfo> command, Action<string> say)
    {
        this.size = size;
        this.command = command;
        this.say = say;
    }

    /// <summary>Runs until no worker finds anything to do.</summary>
    /// <param name="ledger">Where the work is noted.</param>
    /// <param name="watch">Called about twice a second.</param>
    /// <param name="cancellation">Asks the workers to stop; they give back what they have begun.</param>
    /// <returns>The last words and the exit code of a worker that could not go on (full disk, no model), or null.</returns>
    public (int Code, string Words)? Run(WorkLedger ledger, Action watch, CancellationToken cancellation)
    {
        var workers = Enumerable.Range(0, size).Select(Start).ToList();
        int deaths = 0, stillborn = 0;
        (int, string)? stopped = null;
        bool asked = false;
        try
        {
            while (workers.Count > 0)
            {
                if (cancellation.IsCancellationRequested && !asked)
                {
                    asked = true;
                    workers.ForEach(w => w.Stop());
                }

                Thread.Sleep(asked ? 50 : 250);
                foreach (var worker in workers.Where(w => w.Process.HasExited).ToList())
                {
                    workers.Remove(worker);
                    int code = worker.Process.ExitCode;
                    string words = worker.LastWords();
                    worker.Dispose();
                    if (code == 0 || asked || stopped is not null)
                        continue;
                    if (code is 1 or 2 or 3)
                    {
                        stopped ??= (code, words);
                        continue;
                    }

                    deaths++;
                    stillborn = worker.Lived < s_beginning ? stillborn + 1 : 0;
                    if (stillborn >= MostStillborn)
                    {
                        stopped ??= (3, $"{MostStillborn} workers one after the other died at once ({Meaning(code)}). {words}".TrimEnd());
                        workers.ForEach(w => w.Stop());
                        continue;
                    }

                    ledger.Sweep();
                    var counts = ledger.Count();
                    say(string.Create(CultureInfo.InvariantCulture, $"A worker died ({Meaning(code)}).{(words.Length > 0 ? " Its last words: " + words : string.Empty)}"));
                    if (!counts.IsOver && deaths <= (ledger.MaxAttempts * counts.Total) + 100)
                        workers.Add(Start(worker.Index));
                }

                watch();
            }
        }
        finally
        {
            foreach (var worker in workers)
                worker.Dispose();
        }

        return stopped;
    }

    private static string Meaning(int code) => code > 128 ? string.Create(CultureInfo.InvariantCulture, $"signal {code - 128}") : string.Create(CultureInfo.InvariantCulture, $"exit code {code}");

    private Worker Start(int index) => new(index, command(index), say);

    private sealed class Worker : IDisposable
    {
        private readonly ConcurrentQueue<string> lines = new();
        private readonly long started = Stopwatch.GetTimestamp();

        public Worker(int index, ProcessStartInfo start, Action<string> say)
        {
            Index = index;
            start.RedirectStandardInput = true;
            start.RedirectStandardError = true;
            start.RedirectStandardOutput = true;
            Process = Process.Start(start)!;
            Process.OutputDataReceived += static (_, _) => { };
            Process.ErrorDataReceived += (_, line) =>
            {
                if (line.Data is not { Length: > 0 } text)
                    return;
                lines.Enqueue(text);
                while (lines.Count > 3)
                    lines.TryDequeue(out string? _);
                say($"[{index}] {text}");
            };
            Process.BeginErrorReadLine();
            Process.BeginOutputReadLine();
        }

        public int Index { get; }

        public TimeSpan Lived => Stopwatch.GetElapsedTime(started);

        public Process Process { get; }

        public string LastWords()
        {
            Process.WaitForExit();
            return string.Join(' ', lines.TakeLast(1));
        }

        // A worker whose standard input ends gives its slide back and leaves.
        public void Stop() => Process.StandardInput.Close();

        public void Dispose()
        {
            if (!Process.HasExited)
                Process.Kill(entireProcessTree: true);
            Process.Dispose();
        }
    }
}
