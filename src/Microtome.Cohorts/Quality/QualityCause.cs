using System.Text.Json.Serialization;

namespace Microtome.Cohorts;

/// <summary>Why a slide is not good.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<QualityCause>))]
public enum QualityCause
{
    /// <summary>There is next to no tissue.</summary>
    [JsonStringEnumMemberName("no tissue")]
    NoTissue,

    /// <summary>There is tissue, but no nucleus was found.</summary>
    [JsonStringEnumMemberName("no nuclei")]
    NoNuclei,

    /// <summary>Out of focus.</summary>
    [JsonStringEnumMemberName("blur")]
    Blur,

    /// <summary>Ink or other foreign colours.</summary>
    [JsonStringEnumMemberName("pen")]
    Pen,

    /// <summary>Folded tissue.</summary>
    [JsonStringEnumMemberName("fold")]
    Fold,

    /// <summary>Stained weakly.</summary>
    [JsonStringEnumMemberName("pale stain")]
    PaleStain,

    /// <summary>Stained strongly.</summary>
    [JsonStringEnumMemberName("dark stain")]
    DarkStain,

    /// <summary>Stained in other colours than the cohort.</summary>
    [JsonStringEnumMemberName("unusual stain")]
    UnusualStain,

    /// <summary>The pixel size of the slide is wrong.</summary>
    [JsonStringEnumMemberName("wrong mpp")]
    WrongPixelSize,

    /// <summary>Nuclei in pieces, or objects that are no nuclei.</summary>
    [JsonStringEnumMemberName("over-segmentation")]
    OverSegmentation,

    /// <summary>Nuclei missed or merged.</summary>
    [JsonStringEnumMemberName("under-segmentation")]
    UnderSegmentation,

    /// <summary>The network is unsure of its nuclei.</summary>
    [JsonStringEnumMemberName("unsure network")]
    UnsureNetwork,

    /// <summary>Nuclei differ from those of the cohort; it may be the tissue.</summary>
    [JsonStringEnumMemberName("unusual nuclei")]
    UnusualNuclei,
}
