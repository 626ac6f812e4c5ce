namespace Microtome.Ledger;

/// <summary>A work item as the ledger has it.</summary>
/// <param name="Id">Number in the ledger, in the order of adding.</param>
/// <param name="Name">Its name, unique in the ledger.</param>
/// <param name="Payload">What a worker must know, JSON.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Attempts">How many workers have begun it since it was added or retried.</param>
/// <param name="Round">How often it was asked for: 0, and one more with each retry.</param>
/// <param name="Holder">Who works or worked on it last.</param>
/// <param name="Reason">Why it failed or waits again, or null.</param>
/// <param name="Result">What the worker noted, JSON, or null.</param>
/// <param name="Seconds">How long the finished attempt took, by the worker's own clock, or null.</param>
public sealed record LedgerItem(long Id, string Name, string Payload, ItemState State, int Attempts, int Round, string? Holder, string? Reason, string? Result, double? Seconds);
