using System.Text.Json;
using Microtome.Imaging;
using Microtome.Ledger;

namespace Microtome.Cohorts;

/// <summary>
/// Many slides, what is done with each, and how far that is: a ledger whose items are the slides. Beside a SQLite ledger lies its plan file, from which
/// the shards of a cluster work without opening the database; their records are taken into the ledger by <see cref="Absorb"/>.
/// </summary>
public sealed class Cohort : IDisposable
{
    private const string PlanKey = "plan";

    private Cohort(WorkLedger ledger, CohortPlan plan)
    {
        Ledger = ledger;
        Plan = plan;
    }

    /// <summary>The slides as work items.</summary>
    public WorkLedger Ledger { get; }

    /// <summary>What is done with each.</summary>
    public CohortPlan Plan { get; }

    /// <summary>Makes a cohort.</summary>
    /// <param name="address">A SQLite file that does not exist, or the address of a PostgreSQL database.</param>
    /// <param name="plan">What is done.</param>
    /// <param name="slides">The first slides; may be none.</param>
    /// <param name="maxAttempts">After how many workers that died on it a slide counts as failed.</param>
    /// <exception cref="LedgerException">There is a cohort already.</exception>
    public static Cohort Create(string address, CohortPlan plan, IReadOnlyList<CohortSlide> slides, int maxAttempts = WorkLedger.DefaultMaxAttempts)
    {
        Directory.CreateDirectory(plan.Output);
        var ledger = WorkLedger.Create(address, new Dictionary<string, string>(StringComparer.Ordinal) { [PlanKey] = plan.ToJson(), ["max_attempts"] = maxAttempts.ToString(System.Globalization.CultureInfo.InvariantCulture) });
        var cohort = new Cohort(ledger, plan);
        cohort.Add(slides);
        return cohort;
    }

    /// <summary>Opens a cohort.</summary>
    /// <exception cref="LedgerException">There is none.</exception>
    public static Cohort Open(string address)
    {
        var ledger = WorkLedger.Open(address);
        try
        {
            return new Cohort(ledger, CohortPlan.Parse(ledger[PlanKey] ?? throw new LedgerException($"{ledger.Address} is a ledger, but of no cohort.")));
        }
        catch
        {
            ledger.Dispose();
            throw;
        }
    }

    /// <summary>Reads the slide that an item stands for.</summary>
    public static CohortSlide SlideOf(string payload) => JsonSerializer.Deserialize<CohortSlide>(payload, CohortPlan.Json) ?? throw new LedgerException($"An item of the cohort is damaged: {payload}");

    /// <summary>Adds slides.</summary>
    /// <returns>How many were new.</returns>
    /// <exception cref="UsageException">A slide of that name, but another file, is there.</exception>
    public long Add(IReadOnlyList<CohortSlide> slides)
    {
        var known = Ledger.Items().ToDictionary(i => i.Name, i => SlideOf(i.Payload).Path, StringComparer.Ordinal);
        if (slides.FirstOrDefault(s => known.TryGetValue(s.Name, out string? path) && path != s.Path) is { } other)
            throw new UsageException($"The cohort has a slide {other.Name} already: {known[other.Name]}. Rename {other.Path}, or make another cohort for it.");
        long added = Ledger.Add([.. slides.Select(s => new NewItem(s.Name, JsonSerializer.Serialize(s, CohortPlan.Json)))]);
        WritePlanFile();
        return added;
    }

    /// <summary>All slides, in the order of adding.</summary>
    public IEnumerable<(LedgerItem Item, CohortSlide Slide)> Slides() => Ledger.Items().Select(i => (i, SlideOf(i.Payload)));

    /// <summary>Lets slides be done again.</summary>
    /// <param name="names">Which; null for all that failed.</param>
    /// <returns>How many.</returns>
    public long Retry(IReadOnlyCollection<string>? names)
    {
        foreach (string name in names ?? [])
        {
            if (Ledger.Find(name) is null)
                throw new UsageException($"{Ledger.Address} has no slide '{name}'.");
        }

        long changed = Ledger.Retry(names);
        WritePlanFile();
        return changed;
    }

    /// <summary>Takes the records that shards left beside their slides into the ledger.</summary>
    /// <returns>The slides that shards say they are working on, with their records.</returns>
    public IReadOnlyList<SlideRecord> Absorb()
    {
        var running = new List<SlideRecord>();
        foreach (var item in Ledger.Items())
        {
            if (item.State == ItemState.Done || SlideRecord.Read(Plan, item.Name, item.Round) is not { } record)
                continue;
            if (record.State == ItemState.Running)
                running.Add(record);
            else
                Ledger.Absorb(item.Name, item.Round, record.State, record.Attempts, record.Holder, record.Reason, record.Result?.GetRawText(), record.Seconds);
        }

        return running;
    }

    /// <inheritdoc/>
    public void Dispose() => Ledger.Dispose();

    private void WritePlanFile()
    {
        if (!WorkLedger.IsServer(Ledger.Address))
            PlanFile.Write(PlanFile.Beside(Ledger.Address), Plan, Ledger.Items());
    }
}
