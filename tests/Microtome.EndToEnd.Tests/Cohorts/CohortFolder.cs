using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Microtome.Ledger;

namespace Microtome.EndToEnd.Tests;

/// <summary>A cohort of small made-up slides in a folder of its own, with a space and CJK characters in its name.</summary>
internal sealed class CohortFolder : IDisposable
{
    /// <summary>Files that may differ between two runs: they say when, where and by whom.</summary>
    public static readonly string[] Particular = ["provenance.json", "cohort-record.json"];

    private readonly TemporaryFolder folder = new("cohort 隊列-");

    public string this[params string[] parts] => folder[parts];

    public string Ledger => folder["cohort.db"];

    public string Output => folder["out"];

    /// <summary>Makes slides and a table of them.</summary>
    /// <param name="slides">How many.</param>
    /// <param name="broken">Whether one more cannot be read.</param>
    /// <param name="side">Width and height, pixels; each slide is a pixel wider than the one before.</param>
    public string Table(int slides, bool broken = false, int side = 900)
    {
        string list = folder["slides.csv"];
        var lines = Enumerable.Range(0, slides).Select(i => string.Create(CultureInfo.InvariantCulture, $"synthetic:{side + i}x{side}?tissue=0.5,p{i / 2},{(i % 2 == 0 ? "BRCA" : "LUAD")}")).ToList();
        if (broken)
        {
            File.WriteAllText(folder["broken.svs"], "this is no slide");
            lines.Insert(slides / 2, "broken.svs,px,LUAD");
        }

        File.WriteAllLines(list, [.. lines.Prepend("slide,patient,type")]);
        return list;
    }

    /// <summary>What an undisturbed run of one worker makes of the table, at the side.</summary>
    public string[] Undisturbed(string only = "tissue")
    {
        Succeeds("cohort", "create", folder["plain.db"], folder["slides.csv"], "-o", folder["plain"], "--only", only);
        var outcome = MicrotomeProgram.Run("cohort", "run", folder["plain.db"]);
        Assert.True(outcome.ExitCode is 0 or 4, outcome.Error);
        return TemporaryFolder.Fingerprint(folder["plain"], Particular);
    }

    public string[] Fingerprint() => TemporaryFolder.Fingerprint(Output, Particular);

    public void Create(string only = "tissue", params string[] more) => Succeeds(["cohort", "create", Ledger, folder["slides.csv"], "-o", Output, "--only", only, .. more]);

    public static void Succeeds(params string[] arguments)
    {
        var outcome = MicrotomeProgram.Run(arguments);
        Assert.True(outcome.ExitCode == 0, outcome.Error);
    }

    public JsonNode Status(string? address = null) => JsonNode.Parse(MicrotomeProgram.Run("cohort", "status", address ?? Ledger, "--json").Out)!;

    public List<LedgerItem> Items(string? address = null)
    {
        using var ledger = WorkLedger.Open(address ?? Ledger);
        return [.. ledger.Items()];
    }

    /// <summary>The workers that a run has started.</summary>
    public static List<int> Workers(Process run)
    {
        var found = new List<int>();
        foreach (string process in Directory.EnumerateDirectories("/proc").Where(d => char.IsAsciiDigit(Path.GetFileName(d)[0])))
        {
            try
            {
                string stat = File.ReadAllText(Path.Combine(process, "stat"));
                string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                if (fields[1] == run.Id.ToString(CultureInfo.InvariantCulture) && fields[0] != "Z" && File.ReadAllText(Path.Combine(process, "cmdline")).Contains("\0work\0", StringComparison.Ordinal))
                    found.Add(int.Parse(Path.GetFileName(process), CultureInfo.InvariantCulture));
            }
            catch (IOException)
            {
                // It ended while we looked.
            }
        }

        return found;
    }

    public void Dispose() => folder.Dispose();
}
