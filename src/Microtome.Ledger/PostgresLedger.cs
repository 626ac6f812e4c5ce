using System.Data.Common;
using System.Net.Sockets;
using Microtome.Imaging;
using Npgsql;
using NpgsqlTypes;

namespace Microtome.Ledger;

/// <summary>
/// A ledger in PostgreSQL, for workers on any number of hosts. Leases count on the server's clock alone. Claims skip rows that others are claiming
/// (<c>FOR UPDATE SKIP LOCKED</c>). All tables lie in one schema, <c>microtome</c> unless the address has <c>?schema=NAME</c>.
/// </summary>
internal sealed class PostgresLedger : SqlLedger
{
    private const string Tables = """
        create table if not exists settings(key text primary key, value text not null);
        create table if not exists items(
            id bigint generated always as identity primary key, name text not null unique, payload text not null, state smallint not null default 0, attempts integer not null default 0,
            round integer not null default 0, place bigint not null, not_before bigint not null default 0, token text, holder text, lease_until bigint,
            reason text, result text, seconds double precision)
            with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05);
        create index if not exists items_waiting on items(place) where state = 0;
        create index if not exists items_running on items(lease_until) where state = 1;
        create table if not exists notes(id bigint generated always as identity primary key, item bigint not null references items(id), kind text not null, who text not null, at text not null, body text not null);
        create index if not exists notes_kind on notes(kind, item);
        """;

    private readonly NpgsqlConnectionStringBuilder builder;
    private readonly string schema;

    public PostgresLedger(string address, bool create, IReadOnlyDictionary<string, string>? settings = null)
    {
        builder = Parse(address, out schema);
        // A server that does not answer at the start is a mistake in the address more often than a restart.
        var patience = Patience;
        Patience = TimeSpan.FromSeconds(5);
        if (create)
        {
            Run(c => Execute(c, $"create schema if not exists \"{schema}\""));
            Initialise(Tables, settings ?? new Dictionary<string, string>(StringComparer.Ordinal));
        }
        else
        {
            CheckVersion();
        }

        Patience = patience;
    }

    /// <inheritdoc/>
    public override string Address => $"postgres://{(string.IsNullOrEmpty(builder.Username) ? string.Empty : Uri.EscapeDataString(builder.Username) + "@")}{builder.Host}:{builder.Port}/{builder.Database}?schema={schema}";

    /// <inheritdoc/>
    protected override string Now => "(extract(epoch from clock_timestamp()) * 1000)::bigint";

    /// <inheritdoc/>
    protected override string Hastily => "(select set_config('synchronous_commit', 'off', true)) = 'off'";

    /// <inheritdoc/>
    protected override string SkipLocked => "for update skip locked";

    /// <inheritdoc/>
    protected override DbConnection Connect()
    {
        var connection = new NpgsqlConnection(builder.ConnectionString);
        try
        {
            connection.Open();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    protected override T Together<T>(DbConnection connection, Func<T> act)
    {
        using var transaction = connection.BeginTransaction();
        var result = act();
        transaction.Commit();
        return result;
    }

    /// <inheritdoc/>
    protected override bool IsPassing(Exception exception) => exception switch
    {
        PostgresException e => e.SqlState.StartsWith("57P", StringComparison.Ordinal) || e.SqlState.StartsWith("08", StringComparison.Ordinal) || e.SqlState is "40001" or "40P01" or "53300",
        NpgsqlException e => e.IsTransient || e.InnerException is IOException or SocketException or TimeoutException,
        ObjectDisposedException or IOException or SocketException => true,
        InvalidOperationException e => e.Message.Contains("onnection", StringComparison.Ordinal),
        _ => false,
    };

    /// <inheritdoc/>
    protected override Exception Explain(Exception exception) => exception switch
    {
        PostgresException { SqlState: "42P01" or "3F000" } => new LedgerException($"{Address}: there is no cohort. 'microtome cohort create ADDRESS SLIDE... -o OUT' makes one.", exception),
        PostgresException { SqlState: "28P01" or "28000" } e => new LedgerException($"{Address}: {e.MessageText}. Give user and password in the address, in PGUSER and PGPASSWORD, or in ~/.pgpass.", exception),
        PostgresException { SqlState: "3D000" } e => new LedgerException($"{Address}: {e.MessageText}. Make it with createdb.", exception),
        PostgresException { SqlState: "53100" } => new IOException($"{Address}: No space left on the server's disk.", exception),
        PostgresException e => new LedgerException($"{Address}: {e.MessageText} ({e.SqlState}).", exception),
        _ => new LedgerException($"{Address} does not answer: {exception.InnerException?.Message ?? exception.Message}. Is the server running, and the address right?", exception),
    };

    /// <inheritdoc/>
    protected override long Insert(DbConnection connection, IReadOnlyCollection<NewItem> items)
    {
        var c = (NpgsqlConnection)connection;
        using (var table = new NpgsqlCommand("create temp table fresh(place bigint, name text, payload text) on commit drop", c))
            table.ExecuteNonQuery();
        using (var import = c.BeginBinaryImport("copy fresh(place, name, payload) from stdin (format binary)"))
        {
            long place = 0;
            foreach (var item in items)
            {
                import.StartRow();
                import.Write(++place, NpgsqlDbType.Bigint);
                import.Write(item.Name, NpgsqlDbType.Text);
                import.Write(item.Payload, NpgsqlDbType.Text);
            }

            import.Complete();
        }

        // Two that add at once wait for each other here, so places stay unique.
        using var insert = new NpgsqlCommand(
            "lock table items in share row exclusive mode; insert into items(name, payload, place) select name, payload, place + (select coalesce(max(place), 0) from items) from fresh order by place on conflict(name) do nothing", c);
        int added = insert.ExecuteNonQuery();

        // Without statistics of the new rows the server would sort them all for every claim.
        using var analyze = new NpgsqlCommand("analyze items", c);
        analyze.ExecuteNonQuery();
        return added;
    }

    /// <inheritdoc/>
    protected override void Prepare(DbCommand command)
    {
        // Statements of several parts cannot be prepared; they are rare.
        if (!command.CommandText.Contains(';', StringComparison.Ordinal))
            command.Prepare();
    }

    private static NpgsqlConnectionStringBuilder Parse(string address, out string schema)
    {
        schema = "microtome";
        NpgsqlConnectionStringBuilder built;
        try
        {
            if (address.StartsWith("Host=", StringComparison.OrdinalIgnoreCase))
            {
                built = new NpgsqlConnectionStringBuilder(address);
                schema = built.SearchPath ?? schema;
            }
            else
            {
                var uri = new Uri(address);
                string[] user = uri.UserInfo.Split(':', 2);
                built = new NpgsqlConnectionStringBuilder { Host = uri.Host.Length > 0 ? uri.Host : "localhost", Port = uri.Port > 0 ? uri.Port : 5432, Database = Uri.UnescapeDataString(uri.AbsolutePath.Trim('/')) };
                if (user[0].Length > 0)
                    built.Username = Uri.UnescapeDataString(user[0]);
                if (user.Length > 1)
                    built.Password = Uri.UnescapeDataString(user[1]);
                foreach (string part in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
                {
                    string[] pair = part.Split('=', 2);
                    string value = pair.Length > 1 ? Uri.UnescapeDataString(pair[1]) : string.Empty;
                    if (pair[0] == "schema")
                        schema = value;
                    else if (pair[0] == "host")
                        built.Host = value;
                    else
                        built[pair[0]] = value;
                }
            }
        }
        catch (Exception e) when (e is UriFormatException or ArgumentException or FormatException)
        {
            throw new UsageException($"The address of the ledger cannot be read: {e.Message} Give postgres://USER@HOST:PORT/DATABASE?schema=NAME or Host=...;Database=....", e);
        }

        if (schema.Length is 0 or > 63 || !schema.All(ch => char.IsAsciiLetterLower(ch) || char.IsAsciiDigit(ch) || ch == '_'))
            throw new UsageException($"schema '{schema}': up to 63 small letters, digits and _.");
        if (string.IsNullOrEmpty(built.Database))
            throw new UsageException("The address of the ledger names no database: postgres://USER@HOST:PORT/DATABASE.");
        built.SearchPath = schema;
        built.ApplicationName = "microtome";
        built.Pooling = false;
        built.Timeout = 5;
        built.KeepAlive = 10;
        return built;
    }
}
