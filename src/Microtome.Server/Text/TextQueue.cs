using Microsoft.AspNetCore.Http;
using Microtome.Language;

namespace Microtome.Server;

/// <summary>One decoder, many requests: they are answered one after another, a few wait, more are refused.</summary>
internal sealed class TextQueue(TextGenerator generator, int most) : IDisposable
{
    private readonly SemaphoreSlim turn = new(1, 1);
    private int inside;

    /// <summary>Waits for its turn and works on a thread of the pool.</summary>
    /// <exception cref="RequestException">Too many wait already.</exception>
    public async Task<T> RunAsync<T>(Func<TextGenerator, T> work, CancellationToken cancellation)
    {
        if (Interlocked.Increment(ref inside) > most + 1)
        {
            Interlocked.Decrement(ref inside);
            throw new RequestException(StatusCodes.Status429TooManyRequests, $"{most} requests wait already. Try again in a moment.");
        }

        try
        {
            await turn.WaitAsync(cancellation);
            try
            {
                return await Task.Run(() => work(generator), cancellation);
            }
            finally
            {
                turn.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref inside);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => turn.Dispose();
}
