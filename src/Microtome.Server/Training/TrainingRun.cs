using Microtome.Learning.Training;

namespace Microtome.Server;

/// <summary>A training run that is shown.</summary>
internal sealed class TrainingRun(string id, RunFolder place)
{
    // A checkpoint, a look at the held-out texts or a busy machine may keep a run silent.
    private static readonly TimeSpan s_silence = TimeSpan.FromMinutes(3);
    private const double IntervalsOfSilence = 5;
    private string settingsVersion = string.Empty;

    /// <summary>Its name in addresses; unique, never used as a path.</summary>
    public string Id { get; } = id;

    /// <summary>Where it lies.</summary>
    public RunFolder Place { get; } = place;

    /// <summary>Its numbers.</summary>
    public MetricLog Log { get; } = new(place.Folder);

    /// <summary>What it is.</summary>
    public RunSettings Settings { get; private set; } = RunSettings.Read(static _ => null);

    /// <summary>running, finished, or stopped (silent, and not at its last step).</summary>
    public string State { get; private set; } = string.Empty;

    /// <summary>Steps done at last.</summary>
    public long? Step => Log.Step;

    /// <summary>Seconds a step took at last; null when unknown.</summary>
    public double? SecondsPerStep => Settings.SecondsPerStep(new[] { "seconds_per_step", "tokens_per_s" }.Where(n => Log.Last(n) is not null).Select(n => KeyValuePair.Create(n, Log.Last(n)!.Value)));

    /// <summary>Seconds until the last step; null when unknown or not running.</summary>
    public double? Remaining => State == "running" && Settings.Steps is { } steps && Step is { } step && SecondsPerStep is { } seconds ? Math.Max(0, steps - step) * seconds : null;

    /// <summary>Looks at its files; true when anything changed.</summary>
    public bool Refresh(DateTimeOffset now)
    {
        bool changed = Log.Refresh();
        string version = FileState.Version(RunSettings.FileNames.Select(n => FileState.Of(Path.Combine(Place.Folder, n))));
        if (version != settingsVersion)
        {
            Settings = RunSettings.Read(name => SafePath.Inside(Place.Folder, name));
            settingsVersion = version;
            changed = true;
        }

        string state = Judge(now);
        changed |= state != State;
        State = state;
        return changed;
    }

    private string Judge(DateTimeOffset now)
    {
        // Where no file says how many steps there are, what is written at the end does.
        if (Settings.Steps is { } steps ? Step >= steps : Directory.Exists(Path.Combine(Place.Folder, "model")) || File.Exists(Path.Combine(Place.Folder, "result.json")))
            return "finished";
        double usual = Math.Min(86_400, IntervalsOfSilence * Log.Interval * (SecondsPerStep ?? 0));
        return now - Log.Updated < TimeSpan.FromSeconds(Math.Max(usual, s_silence.TotalSeconds)) ? "running" : "stopped";
    }
}
