using Microtome.Networks;

namespace Microtome.Language;

/// <summary>What a run tells while it goes.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Loss">Mean loss since the last event, nats a predicted token; NaN in an event about held-out texts.</param>
/// <param name="TokensPerSecond">Tokens read a second since the last event.</param>
/// <param name="HeldOutLoss">Loss on the held-out texts, where it was measured.</param>
/// <param name="HeldOutAccuracy">Part of the held-out places predicted exactly.</param>
/// <param name="Active">With held-out texts: the hidden units that were active on them, layer by layer; empty where none can be idle.</param>
public sealed record TrainingEvent(long Step, double Loss, double TokensPerSecond, double? HeldOutLoss = null, double? HeldOutAccuracy = null, IReadOnlyList<ActiveUnits>? Active = null);
