using System.Text.Json;
using Microtome.Imaging;
using Microtome.Ledger;

namespace Microtome.Cohorts;

/// <summary>
/// The plan of a cohort as a file beside its SQLite ledger: a line for the plan, then a line for each slide. It is what the shards of a cluster read,
/// so that nobody but the host of the ledger opens the database; it is replaced as a whole, by renaming.
/// </summary>
public static class PlanFile
{
    /// <summary>The file of a ledger.</summary>
    public static string Beside(string ledger) => Path.GetFullPath(ledger) + ".plan.jsonl";

    /// <summary>Writes the file.</summary>
    public static void Write(string path, CohortPlan plan, IEnumerable<LedgerItem> items) => AtomicFile.Write(path, temporary =>
    {
        using var writer = new StreamWriter(temporary) { NewLine = "\n" };
        writer.WriteLine(plan.ToJson());
        foreach (var item in items)
            writer.WriteLine(JsonSerializer.Serialize(new PlanItem(item.Id, item.Round, Cohort.SlideOf(item.Payload)), CohortPlan.Json));
    });

    /// <summary>Reads the file.</summary>
    /// <exception cref="LedgerException">It is missing or damaged.</exception>
    public static (CohortPlan Plan, IReadOnlyList<PlanItem> Items) Read(string path)
    {
        if (!File.Exists(path))
            throw new LedgerException($"{path}: there is no such plan. 'microtome cohort create' and 'cohort add' write it beside a ledger file.");
        using var lines = File.ReadLines(path).GetEnumerator();
        if (!lines.MoveNext())
            throw new LedgerException($"{path} is empty.");
        var plan = CohortPlan.Parse(lines.Current);
        var items = new List<PlanItem>();
        try
        {
            while (lines.MoveNext())
                items.Add(JsonSerializer.Deserialize<PlanItem>(lines.Current, CohortPlan.Json) ?? throw new JsonException("an item is empty"));
        }
        catch (JsonException e)
        {
            throw new LedgerException($"{path}, line {items.Count + 2}: {e.Message}", e);
        }

        return (plan, items);
    }
}
