using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microtome.Cohorts;
using Microtome.Imaging;
using Microtome.Pathology;

namespace Microtome.Cli.Commands;

/// <summary><c>cohort query LEDGER "SQL"</c>: read-only SQL over the slides, or over the nuclei slide by slide.</summary>
internal static class CohortQueryCommand
{
    public static Command Create()
    {
        var ledger = CohortOptions.Ledger();
        var sql = new Argument<string?>("SQL") { Description = "A select over the table slides (name, type, verdict and every number of summary.json), and with --each over rows.", Arity = ArgumentArity.ZeroOrOne };
        var each = new Option<string?>("--each") { Description = "A select over the table nuclei of every slide; the answers are the table rows, with the columns slide, patient and type in front.", HelpName = "SQL" };
        var rejected = new Option<bool>("--with-rejected") { Description = "With --each: also slides whose verdict is bad." };
        var command = new Command("query", "Ask a whole cohort with SQL that only reads; CSV on standard output (-o FILE.csv).") { ledger, sql, each, rejected };
        command.SetAction((result, cancellation) => Task.Run(() => Run(CommonSettings.From(result), result.GetValue(ledger)!, result.GetValue(sql), result.GetValue(each), result.GetValue(rejected), cancellation), cancellation));
        return command;
    }

    private static int Run(CommonSettings common, string ledger, string? sql, string? each, bool rejected, CancellationToken cancellation)
    {
        if (sql is null && each is null)
            throw new UsageException("There is no question: give a select over the table slides, or --each with a select over the table nuclei.");
        using var cohort = Cohort.Open(ledger);
        cohort.Absorb();
        using var query = new CohortQuery(cohort);
        if (each is not null)
            Answer.Log(string.Create(CultureInfo.InvariantCulture, $"{query.Each(each, rejected, cancellation)} slides asked"));
        sql ??= "select * from rows";
        if (common.Output is { } file)
        {
            AtomicFile.Write(file, temporary =>
            {
                using var writer = new StreamWriter(temporary) { NewLine = "\n" };
                query.Ask(sql, Csv(writer), cancellation);
            });
        }
        else if (common.Json)
        {
            var rows = new JsonArray();
            query.Ask(sql, (names, values) =>
            {
                if (values is not null)
                    rows.Add(new JsonObject(names.Zip(values, (n, v) => new KeyValuePair<string, JsonNode?>(n, v is null ? null : JsonSerializer.SerializeToNode(v)))));
            }, cancellation);
            Answer.Json(new JsonObject { ["rows"] = rows });
        }
        else
        {
            using var buffered = new StreamWriter(Console.OpenStandardOutput()) { NewLine = "\n" };
            query.Ask(sql, Csv(buffered), cancellation);
        }

        return ExitCode.Done;
    }

    private static Action<IReadOnlyList<string>, object?[]?> Csv(TextWriter writer) => (names, values) => writer.WriteLine(string.Join(',', values is null
        ? names.Select(CsvTable.Quote)
        : values.Select(v => v is null ? "NA" : CsvTable.Quote(Convert.ToString(v, CultureInfo.InvariantCulture) ?? string.Empty))));
}
