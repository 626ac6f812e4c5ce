using System.Text.Json.Nodes;
using Microtome.Cohorts;
using Microtome.Imaging;
using Microtome.Ledger;

namespace Microtome.Server;

/// <summary>
/// The cohort whose ledger was named at start. However many pages look, the ledger is asked once a second at most, and less often when its answers take long: workers need it more.
/// Any thread may call.
/// </summary>
public sealed class OpenCohort : IDisposable
{
    private const int MostFailures = 200;
    private const int LongestName = 100;
    private const int LongestReason = 500;
    private const int MostReasons = 20;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    private readonly Cohort cohort;
    private readonly Shared<string> status;
    private readonly Shared<IReadOnlyList<SlideReview>> reviews;

    /// <summary>Opens it.</summary>
    /// <exception cref="LedgerException">There is none, or it is none.</exception>
    /// <exception cref="UsageException">The folder of its results is gone.</exception>
    public OpenCohort(string address)
    {
        cohort = Cohort.Open(address);
        // A page waits seconds, not the minutes that a worker has.
        cohort.Ledger.Patience = s_patience;
        status = new(AskStatus);
        reviews = new(() => CohortReview.Of(cohort));
        if (Directory.Exists(cohort.Plan.Output))
            return;
        string said = $"{cohort.Ledger.Address}: the folder of its results, {cohort.Plan.Output}, is not there. Is its disk mounted?";
        cohort.Dispose();
        throw new UsageException(said);
    }

    /// <summary>The folder that holds a folder of results for each slide.</summary>
    public string Output => cohort.Plan.Output;

    /// <summary>How far it is, as JSON.</summary>
    public JsonObject Status() => (JsonObject)JsonNode.Parse(status.Get())!;

    /// <summary>The verdicts on all finished slides.</summary>
    public IReadOnlyList<SlideReview> Reviews() => reviews.Get();

    /// <summary>All verdicts that people gave on a slide, oldest first.</summary>
    internal IReadOnlyList<LedgerNote> History(string slide)
    {
        Require(slide);
        return CohortReview.History(cohort, slide);
    }

    /// <summary>Notes a person's verdict; on disk when this returns.</summary>
    internal LedgerNote Decide(string slide, SlideDecision decision)
    {
        var verdict = QualityWords.Verdict(decision.Verdict ?? string.Empty) ?? throw RequestException.Bad($"'{decision.Verdict}' is no verdict: good, acceptable or bad.");
        string who = decision.Who?.Trim() ?? string.Empty;
        if (who.Length is 0 or > LongestName || who == QualityTable.Automatic)
            throw RequestException.Bad($"A verdict needs the name of who gives it, of at most {LongestName} characters.");
        string[] reasons = [.. (decision.Reasons ?? []).Select(static r => r?.Trim() ?? string.Empty).Where(static r => r.Length > 0)];
        if (reasons.Length > MostReasons || Array.Exists(reasons, static r => r.Length > LongestReason))
            throw RequestException.Bad($"At most {MostReasons} reasons of at most {LongestReason} characters each.");
        Require(slide);
        CohortReview.Decide(cohort, slide, verdict, who, reasons);
        reviews.Forget();
        return CohortReview.History(cohort, slide)[^1];
    }

    /// <inheritdoc/>
    public void Dispose() => cohort.Dispose();

    private void Require(string slide)
    {
        if (cohort.Ledger.Find(slide) is null)
            throw RequestException.NotFound("The cohort has no slide of this name. The list is at /api/cohort/review.");
    }

    private string AskStatus()
    {
        var now = CohortStatus.Of(cohort, MostFailures);
        var json = now.ToJson();
        json["cohort"] = cohort.Plan.Id;
        json["ledger"] = cohort.Ledger.Address;
        json["output"] = cohort.Plan.Output;
        json["parts"] = new JsonArray([.. cohort.Plan.Parts.Select(static p => JsonValue.Create(p))]);
        json["total"] = now.Counts.Total;
        return json.ToJsonString();
    }

    /// <summary>An answer that all who ask within its time share.</summary>
    private sealed class Shared<T>(Func<T> ask)
        where T : class
    {
        private static readonly TimeSpan s_fresh = TimeSpan.FromMilliseconds(900);
        private readonly Lock turn = new();
        private T? answer;
        private long asked;
        private TimeSpan keep;

        public T Get()
        {
            lock (turn)
            {
                if (answer is not null && TimeProvider.System.GetElapsedTime(asked) < keep)
                    return answer;
                long begun = TimeProvider.System.GetTimestamp();
                answer = ask();
                asked = TimeProvider.System.GetTimestamp();
                var took = TimeProvider.System.GetElapsedTime(begun, asked);
                keep = 10 * took > s_fresh ? 10 * took : s_fresh;
                return answer;
            }
        }

        public void Forget()
        {
            lock (turn)
                answer = null;
        }
    }
}
