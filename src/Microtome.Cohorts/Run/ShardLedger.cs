using System.Text.Json;
using System.Text.Json.Nodes;
using Microtome.Ledger;

namespace Microtome.Cohorts;

/// <summary>
/// The part of a cohort that one shard works on: a ledger of its own in the host's temporary folder, made from the plan file and from the records beside the slides.
/// The cohort's own database is not opened.
/// </summary>
public sealed class ShardLedger : IDisposable
{
    private readonly string folder;

    private ShardLedger(string folder, string address, long items, CohortPlan plan, IReadOnlyList<PlanItem> mine)
    {
        this.folder = folder;
        Address = address;
        Waiting = items;
        Plan = plan;
        Mine = mine;
    }

    /// <summary>The ledger of the shard.</summary>
    public string Address { get; }

    /// <summary>Slides that this shard has still to do.</summary>
    public long Waiting { get; }

    /// <summary>The cohort's plan.</summary>
    public CohortPlan Plan { get; }

    /// <summary>All slides of the shard.</summary>
    public IReadOnlyList<PlanItem> Mine { get; }

    /// <summary>Makes the ledger of a shard.</summary>
    /// <param name="ledger">The cohort's ledger file; only the plan beside it is read.</param>
    /// <param name="shard">Which part.</param>
    /// <exception cref="LedgerException">There is no plan.</exception>
    public static ShardLedger Create(string ledger, Shard shard)
    {
        var (plan, items) = PlanFile.Read(PlanFile.Beside(ledger));
        var mine = items.Where(i => shard.Holds(i.Id)).ToList();
        var open = mine.Where(i => SlideRecord.Read(plan, i.Slide.Name, i.Round) is not { State: ItemState.Done or ItemState.Failed }).ToList();
        string place = Directory.CreateTempSubdirectory("microtome-shard-").FullName;
        string address = Path.Combine(place, "shard.db");
        using var made = WorkLedger.Create(address, new Dictionary<string, string>(StringComparer.Ordinal) { ["plan"] = plan.ToJson() });
        made.Add([.. open.Select(i => new NewItem(i.Slide.Name, Payload(i)))]);
        return new ShardLedger(place, address, open.Count, plan, mine);
    }

    /// <summary>How the shard's slides stand, by the records beside them.</summary>
    public LedgerCounts Count()
    {
        var states = Mine.Select(i => SlideRecord.Read(Plan, i.Slide.Name, i.Round)?.State ?? ItemState.Waiting).ToList();
        long Of(ItemState state) => states.LongCount(s => s == state);
        return new LedgerCounts(Of(ItemState.Waiting) + Of(ItemState.Running), 0, Of(ItemState.Done), Of(ItemState.Failed));
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(folder, recursive: true);

    // The slide as every item has it, and the round that its record must name.
    private static string Payload(PlanItem item)
    {
        var payload = JsonSerializer.SerializeToNode(item.Slide, CohortPlan.Json)!.AsObject();
        payload["round"] = item.Round;
        return payload.ToJsonString(CohortPlan.Json);
    }
}
