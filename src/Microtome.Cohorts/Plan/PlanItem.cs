namespace Microtome.Cohorts;

/// <summary>A slide in the plan file.</summary>
/// <param name="Id">Number in the ledger; shards part the slides by it.</param>
/// <param name="Round">0, and one more with each retry: older records do not count.</param>
/// <param name="Slide">The slide.</param>
public sealed record PlanItem(long Id, int Round, CohortSlide Slide);
