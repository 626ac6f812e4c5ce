using System.Globalization;
using Microtome.Learning.Training;

namespace Microtome.Server;

/// <summary>
/// metrics.jsonl of a run, read as it grows: only what is new, only whole lines. A file that became shorter, or has other bytes before the place that was reached (a resumed run trims it), is read from
/// its beginning again. Not for several threads at once.
/// </summary>
internal sealed class MetricLog(string folder)
{
    /// <summary>Of a larger file only the end is read.</summary>
    public const long MostBytes = 256L << 20;

    private const int MostSeries = 500;
    private const int LongestLine = 1 << 20;
    private const int Remembered = 64;
    private static long s_beginnings;
    private readonly Dictionary<string, MetricSeries> series = new(StringComparer.Ordinal);
    private readonly List<string> names = [];
    private readonly List<KeyValuePair<string, double>> values = [];
    private byte[] before = [];
    private FileState seen;
    private long offset, lines, beginning = Interlocked.Increment(ref s_beginnings);

    /// <summary>Names of the series in the order in which they came.</summary>
    public IReadOnlyList<string> Names => names;

    /// <summary>The latest step; null when there is none.</summary>
    public long? Step { get; private set; }

    /// <summary>Steps between the last two lines about training.</summary>
    public long Interval { get; private set; }

    /// <summary>When the file was written last, UTC.</summary>
    public DateTimeOffset Updated => seen.Length < 0 ? DateTimeOffset.UnixEpoch : new DateTimeOffset(seen.Ticks, TimeSpan.Zero);

    /// <summary>Bytes at the beginning of a very large file that were not read.</summary>
    public long SkippedBytes { get; private set; }

    /// <summary>Where the reader stands; a page gives it back to be told only what came since.</summary>
    public string Place => string.Create(CultureInfo.InvariantCulture, $"{beginning}-{lines}");

    /// <summary>The path of the file, or null when it is gone or a link leads out of the folder.</summary>
    public string? Path => SafePath.Inside(folder, TrainingMetrics.FileName);

    /// <summary>The newest value of a series.</summary>
    public double? Last(string name) => series.TryGetValue(name, out var one) && one.Any ? one.Last.Value : null;

    /// <summary>Reads what is new; true when anything changed.</summary>
    public bool Refresh()
    {
        var state = FileState.Of(System.IO.Path.Combine(folder, TrainingMetrics.FileName));
        if (state == seen)
            return false;
        try
        {
            if (Path is { } path)
                Read(path);
            else
                Begin(0);
            seen = state;
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Just being replaced, perhaps; looked at again the next time.
            return false;
        }
    }

    /// <summary>What came since a place; everything when the place is not known any more.</summary>
    public (bool Begin, List<(string Name, long FromStep, List<MetricSeries.Point> Points)> Series) Since(string? place)
    {
        string[] parts = place?.Split('-') ?? [];
        long since = parts.Length == 2 && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out long same) && same == beginning
            && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out long line) && line <= lines ? line : -1;
        var changed = new List<(string, long, List<MetricSeries.Point>)>();
        foreach (string name in names)
        {
            if (series[name].Since(since) is { } part)
                changed.Add((name, part.FromStep, part.Points));
        }

        return (since < 0, changed);
    }

    private void Begin(long at)
    {
        series.Clear();
        names.Clear();
        before = [];
        (offset, lines, Step, Interval, SkippedBytes, beginning) = (at, 0, null, 0, at, Interlocked.Increment(ref s_beginnings));
    }

    private void Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        long length = file.Length;
        if (length < offset || !Continues(file))
            Begin(0);
        bool torn = false;
        if (length - offset > MostBytes)
        {
            Begin(length - MostBytes);
            torn = true;
        }

        byte[] buffer = new byte[1 << 16];
        int held = 0;
        while (true)
        {
            file.Position = offset + held;
            int read = file.Read(buffer, held, buffer.Length - held);
            if (read == 0)
                break;
            int end = held + read, at = 0;
            while (Array.IndexOf(buffer, (byte)'\n', at, end - at) is var next and >= 0)
            {
                if (!torn)
                    Take(buffer.AsSpan(at, next - at));
                torn = false;
                at = next + 1;
            }

            if (at == 0 && end == buffer.Length)
            {
                if (buffer.Length < LongestLine)
                {
                    held = end;
                    Array.Resize(ref buffer, 2 * buffer.Length);
                    continue;
                }

                // No line of ours is this long: left out to its end.
                torn = true;
                at = end;
            }

            if (at > 0)
                before = [.. before, .. buffer.AsSpan(Math.Max(0, at - Remembered), Math.Min(at, Remembered))];
            if (before.Length > Remembered)
                before = before[^Remembered..];
            offset += at;
            held = end - at;
            buffer.AsSpan(at, held).CopyTo(buffer);
        }
    }

    private bool Continues(FileStream file)
    {
        byte[] now = new byte[before.Length];
        file.Position = offset - now.Length;
        return file.ReadAtLeast(now, now.Length, throwOnEndOfStream: false) == now.Length && now.AsSpan().SequenceEqual(before);
    }

    private void Take(ReadOnlySpan<byte> line)
    {
        if (!TrainingMetrics.TryParse(line, out long step, values))
            return;
        lines++;
        if (values.Exists(static v => v.Key == "loss"))
            Interval = series.TryGetValue("loss", out var loss) && loss.Last.Step < step ? step - loss.Last.Step : Math.Max(1, step);
        Step = step;
        foreach (var (name, value) in values)
        {
            if (!series.TryGetValue(name, out var one))
            {
                if (names.Count >= MostSeries)
                    continue;
                names.Add(name);
                series[name] = one = new MetricSeries();
            }

            one.Add(step, value, lines);
        }
    }
}
