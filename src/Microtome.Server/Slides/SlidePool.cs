using Microtome.Imaging;

namespace Microtome.Server;

/// <summary>Opened slides, shared by all requests. The least recently used one is closed when too many are open and nobody reads it. Any thread may call.</summary>
public sealed class SlidePool : IDisposable
{
    private readonly Lock turn = new();
    private readonly Dictionary<string, Held> held = new(StringComparer.Ordinal);
    private readonly int most;
    private long clock;
    private bool closed;

    /// <summary>Makes an empty pool.</summary>
    public SlidePool(ServerOptions options) => most = Math.Max(1, options.OpenSlides);

    /// <summary>Slides that are open now.</summary>
    public int Open
    {
        get
        {
            lock (turn)
                return held.Count;
        }
    }

    /// <summary>Lends the slide of an entry; dispose the loan, never the slide.</summary>
    /// <exception cref="SlideException">The entry has no slide, or it cannot be opened.</exception>
    public Loan Lend(CatalogEntry entry)
    {
        if (entry.SlidePath is not { } path)
            throw new SlideException(entry.SlideProblem ?? $"{entry.Name} has no slide.");
        // A file that was replaced is another slide.
        string key = path + '|' + ResultCatalog.Stamp(path);
        Held slide;
        lock (turn)
        {
            ObjectDisposedException.ThrowIf(closed, this);
            if (!held.TryGetValue(key, out slide!))
                held[key] = slide = new Held(new Lazy<ISlide>(() => Slide.Open(path)));
            slide.Readers++;
            slide.Used = ++clock;
        }

        try
        {
            return new Loan(this, slide, slide.Value.Value);
        }
        catch
        {
            lock (turn)
            {
                slide.Readers--;
                held.Remove(key);
            }

            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (turn)
        {
            closed = true;
            Sweep(0);
        }
    }

    private void Return(Held slide)
    {
        lock (turn)
        {
            slide.Readers--;
            Sweep(closed ? 0 : most);
        }
    }

    private void Sweep(int keep)
    {
        foreach (var (key, slide) in held.Where(h => h.Value.Readers == 0).OrderBy(h => h.Value.Used).Take(Math.Max(0, held.Count - keep)).ToArray())
        {
            held.Remove(key);
            if (slide.Value.IsValueCreated)
                slide.Value.Value.Dispose();
        }
    }

    /// <summary>A slide for the time of a request.</summary>
    public readonly struct Loan : IDisposable
    {
        private readonly SlidePool pool;
        private readonly Held held;

        internal Loan(SlidePool pool, Held held, ISlide slide)
        {
            this.pool = pool;
            this.held = held;
            Slide = slide;
        }

        /// <summary>The slide.</summary>
        public ISlide Slide { get; }

        /// <inheritdoc/>
        public void Dispose() => pool.Return(held);
    }

    internal sealed class Held(Lazy<ISlide> value)
    {
        public Lazy<ISlide> Value { get; } = value;

        public int Readers { get; set; }

        public long Used { get; set; }
    }
}
