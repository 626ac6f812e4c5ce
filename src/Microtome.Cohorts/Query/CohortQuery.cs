using Microsoft.Data.Sqlite;
using Microtome.Imaging;
using Microtome.Ledger;
using SQLitePCL;

namespace Microtome.Cohorts;

/// <summary>
/// Read-only SQL over a cohort: over the table <c>slides</c>, or, slide by slide, over the table <c>nuclei</c> of each slide's GeoPackage, whose answers can be asked again as the
/// table <c>rows</c>. Nothing is loaded but what is asked for.
/// </summary>
public sealed class CohortQuery : IDisposable
{
    private readonly Cohort cohort;
    private readonly SqliteConnection connection;

    /// <summary>Makes the table of slides.</summary>
    public CohortQuery(Cohort cohort)
    {
        SqliteLibrary.Prepare();
        this.cohort = cohort;
        connection = Open(string.Empty); // a temporary file of SQLite's own
        CohortTable.Fill(connection, cohort, CohortReview.Of(cohort));
    }

    /// <summary>Asks the table of slides (and of rows, after <see cref="Each"/>).</summary>
    /// <param name="sql">One statement that reads.</param>
    /// <param name="row">Told the names once, then each row.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="UsageException">The statement is wrong or would write.</exception>
    public void Ask(string sql, Action<IReadOnlyList<string>, object?[]?> row, CancellationToken cancellation) => Read(connection, sql, row, cancellation);

    /// <summary>Asks the nuclei of every finished slide that is not rejected, one slide after the other; the answers become the table <c>rows</c>, with the columns <c>slide</c>, <c>patient</c> and <c>type</c> in front.</summary>
    /// <param name="sql">One statement that reads the table <c>nuclei</c>.</param>
    /// <param name="withRejected">Also rejected slides.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>How many slides were asked.</returns>
    /// <exception cref="UsageException">The statement is wrong or would write.</exception>
    public int Each(string sql, bool withRejected, CancellationToken cancellation)
    {
        int asked = 0;
        IReadOnlyList<string>? names = null;
        using var insert = connection.CreateCommand();
        foreach (var review in CohortReview.Of(cohort).Where(r => withRejected || !r.Rejected))
        {
            string path = Path.Combine(cohort.Plan.Output, review.Slide.Name, "nuclei.gpkg");
            if (!File.Exists(path))
                continue;
            asked++;
            using var nuclei = Open(path);
            Read(
                nuclei,
                sql,
                (columns, values) =>
                {
                    if (names is null)
                    {
                        names = columns;
                        string[] all = ["slide", "patient", "type", .. columns.Select((c, i) => c is "slide" or "patient" or "type" or "" ? $"column{i + 1}" : c)];
                        Execute(connection, $"create table rows({string.Join(", ", all.Select(Name))})");
#pragma warning disable CA2100 // Marks only.
                        insert.CommandText = $"insert into rows values({string.Join(", ", all.Select((_, i) => "@p" + i))})";
#pragma warning restore CA2100
                        for (int i = 0; i < all.Length; i++)
                            insert.Parameters.Add(new SqliteParameter("@p" + i, DBNull.Value));
                    }

                    if (values is null)
                        return;
                    insert.Parameters[0].Value = review.Slide.Name;
                    insert.Parameters[1].Value = review.Slide.Patient;
                    insert.Parameters[2].Value = review.Slide.Type;
                    for (int i = 0; i < values.Length; i++)
                        insert.Parameters[i + 3].Value = values[i] ?? DBNull.Value;
                    insert.ExecuteNonQuery();
                },
                cancellation);
        }

        if (names is null)
            throw new UsageException($"{cohort.Ledger.Address} has no finished slides with nuclei.");
        return asked;
    }

    /// <inheritdoc/>
    public void Dispose() => connection.Dispose();

    internal static string Name(string name) => "\"" + name.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";

    internal static void Execute(SqliteConnection database, string sql)
    {
        using var command = database.CreateCommand();
#pragma warning disable CA2100 // The texts are this project's own.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    // A GeoPackage is opened for reading only, and as a file that nobody changes: no lock is taken on a shared file system.
    private static SqliteConnection Open(string path)
    {
        var opened = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path.Length == 0 ? string.Empty : "file:" + string.Join('/', path.Split('/').Select(Uri.EscapeDataString)) + "?mode=ro&immutable=1",
            Pooling = false,
        }.ConnectionString);
        opened.Open();
        return opened;
    }

    private static void Read(SqliteConnection database, string sql, Action<IReadOnlyList<string>, object?[]?> row, CancellationToken cancellation)
    {
        using var stop = cancellation.Register(() => raw.sqlite3_interrupt(database.Handle));
        try
        {
            RequireReading(database, sql);
            using var command = database.CreateCommand();
#pragma warning disable CA2100 // It is the user's own statement, on his own files, and it only reads.
            command.CommandText = sql;
#pragma warning restore CA2100
            command.CommandTimeout = 0;
            using var reader = command.ExecuteReader();
            string[] names = [.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetName)];
            row(names, null);
            while (reader.Read())
            {
                object?[] values = new object?[names.Length];
                for (int i = 0; i < values.Length; i++)
                    values[i] = reader.IsDBNull(i) ? null : reader.GetValue(i);
                row(names, values);
            }
        }
        catch (SqliteException e) when (!cancellation.IsCancellationRequested)
        {
            throw new UsageException($"The query cannot be answered: {e.Message}", e);
        }
        catch (SqliteException)
        {
            throw new OperationCanceledException(cancellation);
        }
    }

    private static void RequireReading(SqliteConnection database, string sql)
    {
        int code = raw.sqlite3_prepare_v2(database.Handle, sql, out sqlite3_stmt statement, out string rest);
        using (statement)
        {
            if (code != raw.SQLITE_OK)
                throw new UsageException($"The query cannot be answered: {raw.sqlite3_errmsg(database.Handle).utf8_to_string()}. Tables: slides; with --each: nuclei, and rows afterwards.");
            if (rest.Trim().Trim(';').Length > 0)
                throw new UsageException("The query has more than one statement; give one.");
            string first = sql.TrimStart().Split([' ', '\t', '\n', '\r', '('], 2)[0];
            if (raw.sqlite3_stmt_readonly(statement) == 0 || !(first.Equals("select", StringComparison.OrdinalIgnoreCase) || first.Equals("with", StringComparison.OrdinalIgnoreCase) || first.Equals("values", StringComparison.OrdinalIgnoreCase)))
                throw new UsageException("The query would change something; a query may only read (select ... or with ... select ...).");
        }
    }
}
