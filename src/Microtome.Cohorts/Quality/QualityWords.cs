using System.Text.Json;

namespace Microtome.Cohorts;

/// <summary>Verdicts and causes as files and sentences write them.</summary>
public static class QualityWords
{
    private static readonly Dictionary<QualityCause, string> s_causes = Enum.GetValues<QualityCause>().ToDictionary(static c => c, static c => JsonSerializer.Serialize(c).Trim('"'));

    /// <summary>The word of a verdict: good, acceptable, bad.</summary>
    public static string Of(SlideVerdict verdict) => verdict switch { SlideVerdict.Good => "good", SlideVerdict.Acceptable => "acceptable", _ => "bad" };

    /// <summary>The words of a cause.</summary>
    public static string Of(QualityCause cause) => s_causes[cause];

    /// <summary>The verdict of a word; null when it is none.</summary>
    public static SlideVerdict? Verdict(string word) => word switch { "good" => SlideVerdict.Good, "acceptable" => SlideVerdict.Acceptable, "bad" => SlideVerdict.Bad, _ => null };
}
