namespace Microtome.Language;

/// <summary>
/// Windows of a fixed length over the documents of a corpus (put one after another, a window may hold several), in batches that depend on options, step and nothing else: a resumed run sees what an
/// undisturbed run sees. Every window is drawn once before any is drawn again. Safe to use from several threads.
/// </summary>
public sealed class BatchSampler
{
    private readonly TokenFile file;
    private readonly BatchSamplerOptions options;
    private readonly int stride;
    // Neighbouring documents of the split are one run: where it begins in the file, and how many tokens of the split lie before it.
    private readonly long[] runStarts;
    private readonly long[] runOffsets;

    /// <summary>Lays windows over a corpus.</summary>
    /// <exception cref="TextException">The split has fewer tokens than a window needs.</exception>
    public BatchSampler(TokenFile file, BatchSamplerOptions options)
    {
        this.file = file;
        this.options = options;
        ArgumentOutOfRangeException.ThrowIfLessThan(options.WindowLength, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.BatchSize, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.Stride, nameof(options));
        if (options.HeldOutShare is not (>= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(options), options.HeldOutShare, "The held-out share is from 0 to below 1.");
        stride = options.Stride == 0 ? options.WindowLength : options.Stride;
        (runStarts, runOffsets) = Runs();
        Tokens = runOffsets[^1];
        if (Tokens < options.WindowLength)
        {
            var part = options.HeldOut ? "held-out part" : options.HeldOutShare > 0 ? "training part" : "corpus";
            throw new TextException($"{file.Path}: the {part} has {Tokens} tokens in {SplitDocuments} documents, and one window needs {options.WindowLength}. Give more text, a shorter sequence{(options.HeldOutShare > 0 ? ", or another held-out share" : string.Empty)}.");
        }

        Windows = ((Tokens - options.WindowLength) / stride) + 1;
    }

    /// <summary>Windows of an epoch.</summary>
    public long Windows { get; }

    /// <summary>Tokens of the split.</summary>
    public long Tokens { get; }

    /// <summary>Documents of the split.</summary>
    public long SplitDocuments { get; private set; }

    /// <summary>The corpus.</summary>
    public TokenFile File => file;

    /// <summary>The options.</summary>
    public BatchSamplerOptions Options => options;

    /// <summary>Steps of an epoch, rounded up; a batch may reach into the next epoch.</summary>
    public long StepsPerEpoch => ((Windows - 1) / options.BatchSize) + 1;

    /// <summary>The window that a row of a step's batch holds.</summary>
    public long WindowOf(long step, int row)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        var drawn = checked((step * options.BatchSize) + row);
        var (epoch, place) = Math.DivRem(drawn, Windows);
        return options.Shuffle ? new KeyedPermutation(Windows, options.Seed, epoch).At(place) : place;
    }

    /// <summary>Copies a window.</summary>
    /// <param name="window">Its number in the order of the corpus.</param>
    /// <param name="into">Takes <see cref="BatchSamplerOptions.WindowLength"/> tokens.</param>
    public void ReadWindow(long window, Span<int> into)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((ulong)window, (ulong)Windows, nameof(window));
        var at = window * stride;
        var run = Array.BinarySearch(runOffsets, at);
        // Several runs never begin at one place: none is empty.
        run = run >= 0 ? run : ~run - 1;
        into = into[..options.WindowLength];
        while (into.Length > 0)
        {
            var within = at - runOffsets[run];
            var count = (int)Math.Min(into.Length, runOffsets[run + 1] - at);
            file.Read(runStarts[run] + within, into[..count]);
            into = into[count..];
            at += count;
            run++;
        }
    }

    private (long[] Starts, long[] Offsets) Runs()
    {
        var starts = new List<long>();
        var offsets = new List<long> { 0 };
        long before = -1;
        var cut = LastCut();
        for (long document = 0; document < file.Documents; document++)
        {
            long start = file.DocumentStart(document), end = file.DocumentStart(document + 1);
            if (start == end || IsHeldOut(document, cut) != options.HeldOut)
                continue;
            SplitDocuments++;
            if (before == start)
                offsets[^1] += end - start;
            else
            {
                starts.Add(start);
                offsets.Add(offsets[^1] + end - start);
            }

            before = end;
        }

        return ([.. starts], [.. offsets]);
    }

    // The first held-out document of a split by place.
    private long LastCut()
    {
        if (options.Split != SplitKind.Last || options.HeldOutShare == 0)
            return file.Documents;
        var most = file.Count * (1 - options.HeldOutShare);
        long low = 0, high = file.Documents;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (file.DocumentStart(middle) < most)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    private bool IsHeldOut(long document, long cut) => options.HeldOutShare > 0
        && (options.Split == SplitKind.Last ? document >= cut : new KeyedRandom(0x48454C44, document).Unit() < options.HeldOutShare);
}
