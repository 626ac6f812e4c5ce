using System.Globalization;
using System.Text.Json.Nodes;
using Microtome.Imaging;
using Microtome.Learning;

namespace Microtome.Pathology;

/// <summary>What the steps of one slide share.</summary>
internal sealed record SlideJob(
    ISlide Slide,
    PixelSize PixelSize,
    InputFingerprint Fingerprint,
    ResultFolder Folder,
    AnalysisSettings Settings,
    IAnalysisLog Log,
    TimeProvider Clock,
    CancellationToken Cancellation)
{
    /// <summary>The key of a step: a hash of everything that its outputs depend on.</summary>
    public string Key(string step, params object?[] parts) =>
        InputFingerprint.Sha256OfText(string.Join('\n', parts.Prepend(step).Append(Fingerprint.Value).Append(PixelSize.X).Append(PixelSize.Y)
            .Select(p => p is IFormattable f ? f.ToString(null, CultureInfo.InvariantCulture) : p?.ToString() ?? "-")));

    /// <summary>Says that a step begins again and why.</summary>
    public void SayWhy(string step, string why)
    {
        if (Folder[step] is not null)
            Log.Say($"{Slide.Name}: {step} is done again because {why}.");
    }

    /// <summary>Writes files that follow from the results of another step, when they are wanted or were once, and are out of date.</summary>
    /// <param name="step">The name of the step.</param>
    /// <param name="wanted">Whether they are asked for now.</param>
    /// <param name="key">Everything that they depend on.</param>
    /// <param name="write">Writes them and names them.</param>
    public void Derive(string step, bool wanted, string key, Func<IEnumerable<string>> write)
    {
        if ((!wanted && Folder[step] is null) || Folder.WhyOutdated(step, key) is not { } why)
            return;
        Cancellation.ThrowIfCancellationRequested();
        SayWhy(step, why);
        long start = Clock.GetTimestamp();
        var files = write();
        Folder.Finish(step, key, files, new JsonObject { ["seconds"] = Since(start) });
    }

    /// <summary>Where the time of a walk went, for the provenance.</summary>
    public static JsonArray Stages(WalkReport report) => new([.. report.Stages.Select(s => new JsonObject
    {
        ["stage"] = s.Stage,
        ["threads"] = s.Threads,
        ["busy_s"] = Math.Round(s.BusySeconds, 3),
        ["waiting_s"] = Math.Round(s.WaitingSeconds, 3),
        ["items"] = s.Items,
    })]);

    /// <summary>Seconds since a time stamp, to the millisecond.</summary>
    public double Since(long start) => Math.Round(Clock.GetElapsedTime(start).TotalSeconds, 3);
}
