namespace Microtome.Ledger;

/// <summary>Something that a person or a program noted on an item. Notes are only added; the latest of a kind counts.</summary>
/// <param name="Id">Number of the note, growing.</param>
/// <param name="Item">The item's name.</param>
/// <param name="Kind">What it is about, for instance <c>verdict</c>.</param>
/// <param name="Who">Who noted it.</param>
/// <param name="At">When, UTC, by the clock of whoever noted it.</param>
/// <param name="Body">Its content, JSON.</param>
public sealed record LedgerNote(long Id, string Item, string Kind, string Who, DateTimeOffset At, string Body);
