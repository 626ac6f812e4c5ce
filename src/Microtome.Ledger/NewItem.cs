namespace Microtome.Ledger;

/// <summary>An item to be added.</summary>
/// <param name="Name">Its name, unique in the ledger.</param>
/// <param name="Payload">What a worker must know, JSON.</param>
public readonly record struct NewItem(string Name, string Payload);
