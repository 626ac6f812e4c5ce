using System.CommandLine;
using Microtome.Ledger;

namespace Microtome.Cli.Commands;

/// <summary>Arguments that the commands on cohorts share.</summary>
internal static class CohortOptions
{
    /// <summary>The ledger.</summary>
    public static Argument<string> Ledger() => new("LEDGER") { Description = "The cohort: a SQLite file (cohort.db) or postgres://USER@HOST:PORT/DATABASE?schema=NAME." };

    /// <summary>Slides to add.</summary>
    public static Argument<string[]> Slides(ArgumentArity arity) => new("SLIDE")
    {
        Description = "Slides, folders of slides, or tables (.csv) with the columns slide and, if wanted, mpp, patient, type.",
        Arity = arity,
    };

    /// <summary>The type of slides whose table says none.</summary>
    public static Option<string> Type() => new("--type") { Description = "Cancer type (or another stratum) of slides for which no table says one.", HelpName = "NAME", DefaultValueFactory = static _ => string.Empty };

    /// <summary>A ledger's address as a message may show it: as it was given, but never with a password.</summary>
    public static string Shown(string given, WorkLedger ledger) => WorkLedger.IsServer(given) ? $"'{ledger.Address}'" : given;
}
