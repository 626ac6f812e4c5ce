using System.Collections.Concurrent;
using System.Diagnostics;

namespace Microtome.Cli;

/// <summary>Clients that ask one after the other, each as soon as it has its answer.</summary>
/// <param name="Milliseconds">Every answer's time from the request to its last byte, sorted.</param>
/// <param name="Seconds">From the first request to the last answer.</param>
/// <param name="Bytes">Of all bodies.</param>
/// <param name="Errors">Answers that were not 200; the first few addresses.</param>
internal sealed record RequestLoad(double[] Milliseconds, double Seconds, long Bytes, IReadOnlyList<string> Errors)
{
    /// <summary>Answers a second.</summary>
    public double PerSecond => Milliseconds.Length / Seconds;

    /// <summary>Half of the answers were faster.</summary>
    public double P50 => At(0.5);

    /// <summary>19 of 20 answers were faster.</summary>
    public double P95 => At(0.95);

    /// <summary>Asks for every address once.</summary>
    public static async Task<RequestLoad> RunAsync(HttpClient client, IReadOnlyList<string> addresses, int clients, CancellationToken cancellation)
    {
        var times = new double[addresses.Count];
        var errors = new ConcurrentQueue<string>();
        long bytes = 0;
        int next = -1;
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Task.Run(
            async () =>
            {
                for (int i; (i = Interlocked.Increment(ref next)) < addresses.Count;)
                {
                    long start = Stopwatch.GetTimestamp();
                    try
                    {
                        using var answer = await client.GetAsync(addresses[i], cancellation);
                        var body = await answer.Content.ReadAsByteArrayAsync(cancellation);
                        Interlocked.Add(ref bytes, body.Length);
                        if ((int)answer.StatusCode != 200)
                            errors.Enqueue($"{addresses[i]}: {(int)answer.StatusCode}");
                    }
                    catch (HttpRequestException e)
                    {
                        errors.Enqueue($"{addresses[i]}: {e.Message}");
                    }

                    times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                }
            },
            cancellation)));
        double seconds = clock.Elapsed.TotalSeconds;
        Array.Sort(times);
        return new RequestLoad(times, seconds, bytes, [.. errors]);
    }

    /// <summary>Several loads as one.</summary>
    public static RequestLoad Sum(IReadOnlyList<RequestLoad> loads) =>
        new([.. loads.SelectMany(l => l.Milliseconds).Order()], loads.Sum(l => l.Seconds), loads.Sum(l => l.Bytes), [.. loads.SelectMany(l => l.Errors)]);

    private double At(double share) => Milliseconds.Length == 0 ? 0 : Milliseconds[Math.Clamp((int)Math.Ceiling(share * Milliseconds.Length) - 1, 0, Milliseconds.Length - 1)];
}
