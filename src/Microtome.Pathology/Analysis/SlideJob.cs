using System.Globalization;
using Microtome.Imaging;

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

    /// <summary>Seconds since a time stamp, to the millisecond.</summary>
    public double Since(long start) => Math.Round(Clock.GetElapsedTime(start).TotalSeconds, 3);
}
