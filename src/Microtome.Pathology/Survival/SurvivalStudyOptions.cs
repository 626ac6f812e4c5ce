namespace Microtome.Pathology;

/// <summary>What a survival study looks at. The defaults are the published table's columns.</summary>
public sealed record SurvivalStudyOptions
{
    /// <summary>Column of the times.</summary>
    public string TimeColumn { get; init; } = "survivalA";

    /// <summary>Column of the events. In spite of the published name 1 means that the event happened.</summary>
    public string EventColumn { get; init; } = "censorA.0yes.1no";

    /// <summary>Column of the infiltration, a number; null to study a group column alone.</summary>
    public string? ScoreColumn { get; init; } = "percent_pos";

    /// <summary>Column whose values are the groups to compare; null for Low and High, made from the score at the cohort's mean.</summary>
    public string? GroupColumn { get; init; }

    /// <summary>Further covariates: numbers or factors.</summary>
    public IReadOnlyList<string> Covariates { get; init; } = [];

    /// <summary>Column that names the patient: of several rows of one the first with an outcome and a score is kept. Null: every row is a patient.</summary>
    public string? PatientColumn { get; init; }

    /// <summary>Events at the same time.</summary>
    public TieHandling Ties { get; init; } = TieHandling.Efron;

    /// <summary>Unit of the times, for axes.</summary>
    public string TimeUnit { get; init; } = "days";
}
