namespace Microtome.Cohorts;

/// <summary>How a simulated run went.</summary>
/// <param name="Workers">Workers.</param>
/// <param name="Hours">From the first claim to the last completion.</param>
/// <param name="Efficiency">Work of all slides over workers times hours.</param>
/// <param name="Tail">Share of the time in which some workers had nothing left to do.</param>
/// <param name="LedgerBusy">Share of the time in which the ledger was busy; 1 is the end of what it can do.</param>
/// <param name="StorageBusy">What the workers ask of the shared storage over what it gives; above 1 they wait for it.</param>
/// <param name="Deaths">Workers that died.</param>
public sealed record ScalingOutcome(int Workers, double Hours, double Efficiency, double Tail, double LedgerBusy, double StorageBusy, int Deaths);
