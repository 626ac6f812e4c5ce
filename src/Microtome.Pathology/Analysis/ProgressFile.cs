using System.Text.Json.Nodes;
using Microtome.Imaging;
using Microtome.Learning;

namespace Microtome.Pathology;

/// <summary>Notes beside the unfinished work how far it is, once a second, for whoever watches the folder (<c>serve</c>); otherwise tells what it is told.</summary>
/// <param name="inner">Who is told.</param>
/// <param name="folder">The folder of unfinished work.</param>
/// <param name="clock">The time.</param>
public sealed class ProgressFile(IAnalysisLog inner, string folder, TimeProvider clock) : IAnalysisLog
{
    /// <summary>The file: <c>{step, share, remaining_s}</c>; share is 0 to 1.</summary>
    public const string Name = "progress.json";

    /// <inheritdoc/>
    public void Say(string line) => inner.Say(line);

    /// <inheritdoc/>
    public TResult Watch<TResult>(string what, Func<IProgress<WalkProgress>, TResult> run)
    {
        try
        {
            return inner.Watch(what, progress => run(new Both(progress, folder, clock, what)));
        }
        finally
        {
            File.Delete(Path.Combine(folder, Name));
        }
    }

    private sealed class Both(IProgress<WalkProgress> inner, string folder, TimeProvider clock, string what) : IProgress<WalkProgress>
    {
        private long last;

        public void Report(WalkProgress value)
        {
            inner.Report(value);
            if (last != 0 && clock.GetElapsedTime(last) < TimeSpan.FromSeconds(1))
                return;
            last = clock.GetTimestamp();
            var note = new JsonObject { ["step"] = what[(what.LastIndexOf(": ", StringComparison.Ordinal) is var cut and >= 0 ? cut + 2 : 0)..], ["share"] = Math.Round(value.Share, 4) };
            if (value.Remaining is { } left)
                note["remaining_s"] = Math.Round(left.TotalSeconds);
            try
            {
                // Read by people's pages only: a torn file would be as good as none, so no flush to disk.
                string path = Path.Combine(folder, Name), fresh = path + ".tmp";
                File.WriteAllText(fresh, note.ToJsonString());
                File.Move(fresh, path, overwrite: true);
            }
            catch (IOException)
            {
                // A full disk is reported by what it really hurts.
            }
        }
    }
}
