using System.CommandLine;

namespace Microtome.Cli.Commands;

/// <summary><c>cohort patches</c>: masks drawn by hand against ours.</summary>
internal static class CohortPatchesCommand
{
    public static Command Create() => new("patches", "Patches for masks drawn by hand: sample them, score ours against them.")
    {
        CohortPatchesSampleCommand.Create(),
        CohortPatchesScoreCommand.Create(),
    };
}
