using System.CommandLine;
using Microtome.Cohorts;
using Microtome.Imaging;
using Microtome.Ledger;

namespace Microtome.Cli.Commands;

/// <summary>Where the analysed slides of a cohort are: a ledger, or an output folder of analyze.</summary>
internal static class CohortPlace
{
    public static Argument<string> Argument() => new("COHORT") { Description = "A ledger (cohort.db or postgres://...), or the output folder of analyze." };

    public static Option<string?> Table() => new("--slides") { Description = "For an output folder: CSV with the columns slide (name or path) and, as far as known, patient, type and mpp.", HelpName = "FILE" };

    /// <summary>The slides that have results, and the folder that holds a folder for each.</summary>
    /// <exception cref="UsageException">A ledger knows its slides, a table says nothing more.</exception>
    public static (IReadOnlyList<CohortSlide> Slides, string Output) Read(string place, string? table)
    {
        if (Directory.Exists(place) || !(File.Exists(place) || WorkLedger.IsServer(place)))
            return (PlainCohort.Read(place, table), place);
        if (table is not null)
            throw new UsageException($"--slides {table}: {place} is a ledger, which knows its slides. Leave the option out.");
        using var cohort = Cohort.Open(place);
        cohort.Absorb();
        var slides = cohort.Slides().ToList();
        CohortSlide[] done = [.. slides.Where(static s => s.Item.State == ItemState.Done).Select(static s => s.Slide)];
        if (done.Length == 0)
            throw new SlideException($"{place}: none of {slides.Count} slides is done. See 'microtome cohort status {place}'.");
        if (done.Length < slides.Count)
            Answer.Log($"{slides.Count - done.Length} of {slides.Count} slides of the cohort are not done and left out.");
        return (done, cohort.Plan.Output);
    }
}
