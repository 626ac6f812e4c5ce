using System.Text.Json.Serialization;

namespace Microtome.Cohorts;

/// <summary>How far the result of a slide can be trusted.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SlideVerdict>))]
public enum SlideVerdict
{
    /// <summary>Nothing speaks against it.</summary>
    [JsonStringEnumMemberName("good")]
    Good,

    /// <summary>Something is unusual; a person should look.</summary>
    [JsonStringEnumMemberName("acceptable")]
    Acceptable,

    /// <summary>Not to be used unless a person says otherwise.</summary>
    [JsonStringEnumMemberName("bad")]
    Bad,
}
