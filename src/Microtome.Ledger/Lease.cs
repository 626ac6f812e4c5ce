namespace Microtome.Ledger;

/// <summary>The right to work on an item, for as long as it is renewed.</summary>
/// <param name="ItemId">The item.</param>
/// <param name="Name">Its name.</param>
/// <param name="Payload">What a worker must know, JSON.</param>
/// <param name="Attempt">1 for the first worker.</param>
/// <param name="Round">0, and one more with each retry by a person.</param>
/// <param name="Token">Proves the lease; a later holder has another.</param>
public sealed record Lease(long ItemId, string Name, string Payload, int Attempt, int Round, string Token);
