using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Microtome.Cohorts;

/// <summary>The table <c>slides</c> that queries ask: a row a slide, with its place in the ledger, its verdict and every number of its summary.</summary>
internal static class CohortTable
{
    private static readonly string[] s_fixed = ["slide", "path", "patient", "type", "state", "attempts", "seconds", "reason", "verdict", "reviewer"];

    public static void Fill(SqliteConnection connection, Cohort cohort, IReadOnlyList<SlideReview> reviews)
    {
        var verdicts = reviews.ToDictionary(r => r.Slide.Name, StringComparer.Ordinal);

        // Summaries differ in what was looked for: the columns are all that any has, in the order in which they first come.
        var columns = new List<string>(s_fixed);
        var known = new HashSet<string>(columns, StringComparer.OrdinalIgnoreCase);
        var rows = new List<Dictionary<string, object?>>();
        foreach (var (item, slide) in cohort.Slides())
        {
            var review = verdicts.GetValueOrDefault(slide.Name);
            var row = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase)
            {
                ["slide"] = slide.Name,
                ["path"] = slide.Path,
                ["patient"] = slide.Patient,
                ["type"] = slide.Type,
                ["state"] = item.State.ToString().ToLowerInvariant(),
                ["attempts"] = item.Attempts,
                ["seconds"] = item.Seconds,
                ["reason"] = item.Reason,
                ["verdict"] = review?.Verdict is { } verdict ? QualityWords.Of(verdict) : null,
                ["reviewer"] = review?.Reviewer,
            };
            if (item.Result is not null)
            {
                using var summary = JsonDocument.Parse(item.Result);
                foreach (var property in summary.RootElement.EnumerateObject())
                {
                    object? value = property.Value.ValueKind switch
                    {
                        JsonValueKind.Number => property.Value.TryGetInt64(out long whole) ? whole : property.Value.GetDouble(),
                        JsonValueKind.String => property.Value.GetString(),
                        JsonValueKind.True => 1L,
                        JsonValueKind.False => 0L,
                        _ => null,
                    };
                    if (value is null || s_fixed.Contains(property.Name, StringComparer.OrdinalIgnoreCase))
                        continue;
                    row[property.Name] = value;
                    if (known.Add(property.Name))
                        columns.Add(property.Name);
                }
            }

            rows.Add(row);
        }

        CohortQuery.Execute(connection, $"create table slides({string.Join(", ", columns.Select(CohortQuery.Name))})");
        using var insert = connection.CreateCommand();
#pragma warning disable CA2100 // Names are quoted.
        insert.CommandText = $"insert into slides values({string.Join(", ", columns.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $"@p{i}")))})";
#pragma warning restore CA2100
        for (int i = 0; i < columns.Count; i++)
            insert.Parameters.Add(new SqliteParameter(string.Create(CultureInfo.InvariantCulture, $"@p{i}"), DBNull.Value));
        foreach (var row in rows)
        {
            for (int i = 0; i < columns.Count; i++)
                insert.Parameters[i].Value = row.GetValueOrDefault(columns[i]) ?? DBNull.Value;
            insert.ExecuteNonQuery();
        }
    }
}
