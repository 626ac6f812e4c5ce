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
                held[key] = slide = new Held(key, path);
            slide.Readers++;
            slide.Used = ++clock;
        }

        try
        {
            return new Loan(this, slide, slide.Value.Value);
        }
        catch
        {
            Discard(slide);
            Return(slide);
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
            if (slide.Discarded && slide.Readers == 0)
                slide.Close();
            Sweep(closed ? 0 : most);
        }
    }

    private void Discard(Held slide)
    {
        lock (turn)
        {
            slide.Discarded = true;
            if (held.TryGetValue(slide.Key, out var now) && now == slide)
                held.Remove(slide.Key);
        }
    }

    private void Sweep(int keep)
    {
        foreach (var (key, slide) in held.Where(h => h.Value.Readers == 0).OrderBy(h => h.Value.Used).Take(Math.Max(0, held.Count - keep)).ToArray())
        {
            held.Remove(key);
            slide.Close();
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

        /// <summary>Its tiles.</summary>
        public SlideTiles Tiles => held.Tiles.Value;

        /// <summary>Opens the slide anew for the next request. A reader that has met a damaged place says so of every place from then on.</summary>
        public void Discard() => pool.Discard(held);

        /// <inheritdoc/>
        public void Dispose() => pool.Return(held);
    }

    internal sealed class Held
    {
        public Held(string key, string path)
        {
            Key = key;
            Value = new Lazy<ISlide>(() => Slide.Open(path));
            Tiles = new Lazy<SlideTiles>(() => new SlideTiles(Value.Value, key));
        }

        public string Key { get; }

        public Lazy<ISlide> Value { get; }

        public Lazy<SlideTiles> Tiles { get; }

        public bool Discarded { get; set; }

        public int Readers { get; set; }

        public long Used { get; set; }

        public void Close()
        {
            if (Tiles.IsValueCreated)
                Tiles.Value.Dispose();
            // A slide that could not be opened is no value.
            if (Value.IsValueCreated)
                Value.Value.Dispose();
        }
    }
}
