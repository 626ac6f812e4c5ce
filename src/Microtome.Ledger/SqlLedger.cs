using System.Data.Common;
using System.Globalization;
using Microtome.Imaging;

namespace Microtome.Ledger;

/// <summary>What SQLite and PostgreSQL have in common: the tables and the statements. One connection, one operation at a time.</summary>
internal abstract class SqlLedger : WorkLedger
{
    /// <summary>Version of the tables.</summary>
    protected const string Version = "1";

    private const string VersionKey = "ledger";
    private const string MaxAttemptsKey = "max_attempts";
    // An item that waits again although nobody gave it back: its lease ran out, or a crash of the server undid the claim. Until another takes it, it is still ours.
    private const string StillOurs = "(state = 0 and round = @round and (token is null or token <> @token))";

    private readonly Lock gate = new();
    private readonly Dictionary<string, DbCommand> prepared = new(StringComparer.Ordinal);
    private DbConnection? connection;
    private long last;
    private int? maxAttempts;

    /// <inheritdoc/>
    public override int MaxAttempts => maxAttempts ??= int.Parse(this[MaxAttemptsKey] ?? DefaultMaxAttempts.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    /// <summary>The time of leases in milliseconds, as an expression.</summary>
    protected abstract string Now { get; }

    /// <summary>A condition that is always true and lets the statement's commit not wait for the disk: a claim that a crash of the server undoes is made again.</summary>
    protected virtual string Hastily => "true";

    /// <summary>What keeps claims of several workers from waiting for each other.</summary>
    protected abstract string SkipLocked { get; }

    /// <inheritdoc/>
    public override string? this[string setting] => Run(c => Scalar(c, "select value from settings where key = @key", ("key", setting)) as string);

    /// <inheritdoc/>
    public override void Set(IReadOnlyDictionary<string, string> settings) => Run(c => Together(c, () =>
    {
        Write(c, settings);
        return 0;
    }));

    /// <inheritdoc/>
    public override long Add(IEnumerable<NewItem> items)
    {
        var all = items as IReadOnlyCollection<NewItem> ?? [.. items];
        return Run(c => Together(c, () => Insert(c, all)));
    }

    /// <inheritdoc/>
    public override Lease? Claim(Shard shard)
    {
        string token = Guid.NewGuid().ToString("N");
        bool again = false;
        return Run(c =>
        {
            // The answer to a claim may be lost with the connection: then the item is found by the token.
            if (again && Lease(c, "select id, name, payload, attempts, round from items where state = 1 and token = @token", token, ("token", token)) is { } mine)
                return mine;
            again = true;
            var lease = Next(c, token, shard, last);
            if (lease is null && last > 0)
                lease = Next(c, token, shard, 0);
            last = lease?.ItemId ?? 0;
            return lease;
        });
    }

    /// <inheritdoc/>
    public override void Renew(Lease lease) => Guarded(
        lease,
        $"update items set state = 1, token = @token, holder = @holder, lease_until = {Now} + @lease where id = @id and ((token = @token and state = 1) or {StillOurs}) and {Hastily}",
        ("holder", WorkerIdentity.Own.ToString()),
        ("round", lease.Round),
        ("lease", (long)LeaseTime.TotalMilliseconds));

    /// <inheritdoc/>
    public override void Complete(Lease lease, string result, double seconds) => Guarded(
        lease,
        $"update items set state = 2, token = @token, result = @result, seconds = @seconds, reason = null, lease_until = null where id = @id and ((token = @token and state in (1, 2)) or {StillOurs})",
        ("round", lease.Round),
        ("result", result),
        ("seconds", seconds));

    /// <inheritdoc/>
    public override void Fail(Lease lease, string reason, double seconds) => Guarded(
        lease,
        $"update items set state = 3, token = @token, reason = @reason, seconds = @seconds, lease_until = null where id = @id and ((token = @token and state in (1, 3)) or {StillOurs})",
        ("round", lease.Round),
        ("reason", reason),
        ("seconds", seconds));

    /// <inheritdoc/>
    public override void GiveBack(Lease lease, string reason, TimeSpan delay) => Guarded(
        lease,
        $"update items set state = case when attempts >= @max then 3 else 0 end, reason = @reason, not_before = {Now} + @delay, lease_until = null where id = @id and token = @token and state in (0, 1, 3)",
        ("max", MaxAttempts),
        ("reason", reason),
        ("delay", (long)delay.TotalMilliseconds));

    /// <inheritdoc/>
    public override void Release(Lease lease, TimeSpan delay) => Guarded(
        lease,
        $"update items set state = 0, attempts = attempts - 1, not_before = {Now} + @delay, lease_until = null where id = @id and token = @token and state = 1",
        ("delay", (long)delay.TotalMilliseconds));

    /// <inheritdoc/>
    public override int Sweep()
    {
        int max = MaxAttempts;
        return Run(c => Execute(c, Expire($"lease_until < {Now}"), ("max", max)));
    }

    /// <inheritdoc/>
    public override long Retry(IReadOnlyCollection<string>? names)
    {
        const string Again = "update items set state = 0, attempts = 0, round = round + 1, not_before = 0, reason = null, token = null where ";
        return Run(c => Together(c, () => names is null ? Execute(c, Again + "state = 3") : names.Sum(name => (long)Execute(c, Again + "name = @name and state <> 1", ("name", name)))));
    }

    /// <inheritdoc/>
    public override bool Absorb(string name, int round, ItemState state, int attempts, string? holder, string? reason, string? result, double? seconds) => Run(c => Execute(
        c,
        "update items set state = @state, attempts = @attempts, holder = @holder, reason = @reason, result = @result, seconds = @seconds, token = null, lease_until = null "
        + "where name = @name and round = @round and state <> 2 and not (state = 3 and @state = 3)",
        ("state", (short)state),
        ("attempts", attempts),
        ("holder", holder),
        ("reason", reason),
        ("result", result),
        ("seconds", seconds),
        ("name", name),
        ("round", round)) > 0);

    /// <inheritdoc/>
    public override LedgerCounts Count() => Run(c =>
    {
        long[] counts = new long[4];
        using var reader = Command(c, "select state, count(*) from items group by state").ExecuteReader();
        while (reader.Read())
            counts[reader.GetInt16(0)] = reader.GetInt64(1);
        return new LedgerCounts(counts[0], counts[1], counts[2], counts[3]);
    });

    /// <inheritdoc/>
    public override double SumOfSeconds() => Run(c => Convert.ToDouble(Scalar(c, "select coalesce(sum(seconds), 0) from items where state = 2"), CultureInfo.InvariantCulture));

    /// <inheritdoc/>
    public override IEnumerable<LedgerItem> Items(ItemState? state = null)
    {
        const int Page = 1000;
        string where = state is null ? string.Empty : string.Create(CultureInfo.InvariantCulture, $" and state = {(int)state}");
        long after = 0;
        while (true)
        {
            var page = Run(c => Rows(c, $"where id > @after{where} order by id limit {Page}", ("after", after)));
            foreach (var item in page)
                yield return item;
            if (page.Count < Page)
                yield break;
            after = page[^1].Id;
        }
    }

    /// <inheritdoc/>
    public override LedgerItem? Find(string name) => Run(c => Rows(c, "where name = @name", ("name", name))).FirstOrDefault();

    /// <inheritdoc/>
    public override void AddNote(string item, string kind, string who, string body)
    {
        string at = DateTimeOffset.UtcNow.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        int added = Run(c => Durably(c, () => Execute(
            c,
            "insert into notes(item, kind, who, at, body) select id, @kind, @who, @at, @body from items where name = @name",
            ("kind", kind),
            ("who", who),
            ("at", at),
            ("body", body),
            ("name", item))));
        if (added == 0)
            throw new UsageException($"{Address} has no item '{item}'.");
    }

    /// <inheritdoc/>
    public override IReadOnlyList<LedgerNote> Notes(string kind, string? item = null) => Run(c =>
    {
        string one = item is null ? string.Empty : " and items.name = @name";
        var command = Command(c, "select notes.id, items.name, notes.who, notes.at, notes.body from notes join items on items.id = notes.item where notes.kind = @kind" + one + " order by notes.id", ("kind", kind), ("name", item));
        using var reader = command.ExecuteReader();
        var notes = new List<LedgerNote>();
        while (reader.Read())
            notes.Add(new LedgerNote(reader.GetInt64(0), reader.GetString(1), kind, reader.GetString(2), DateTimeOffset.Parse(reader.GetString(3), CultureInfo.InvariantCulture), reader.GetString(4)));
        return notes;
    });

    /// <summary>Makes a connection that is open.</summary>
    protected abstract DbConnection Connect();

    /// <summary>Runs several statements as one transaction that writes: all of them or none.</summary>
    protected abstract T Together<T>(DbConnection connection, Func<T> act);

    /// <summary>Whether an operation that failed like this may be tried again.</summary>
    protected abstract bool IsPassing(Exception exception);

    /// <summary>Says for a person what is wrong.</summary>
    protected abstract Exception Explain(Exception exception);

    /// <summary>Adds items; names that are there are left out.</summary>
    protected abstract long Insert(DbConnection connection, IReadOnlyCollection<NewItem> items);

    /// <summary>Runs something whose effect must be on disk when it returns.</summary>
    protected virtual T Durably<T>(DbConnection connection, Func<T> act) => act();

    /// <summary>Parameters that every statement with <see cref="Now"/> needs.</summary>
    protected virtual void AddClock(DbCommand command)
    {
    }

    /// <summary>The statement that takes running items away from their workers.</summary>
    protected string Expire(string condition) =>
        "update items set state = case when attempts >= @max then 3 else 0 end, token = null, lease_until = null, "
        + "reason = 'the worker ' || coalesce(holder, '?') || ' died or went silent during attempt ' || attempts "
        + $"where id in (select id from items where state = 1 and {condition} {SkipLocked})";

    /// <summary>Makes the tables if they are not there, with their settings.</summary>
    protected void Initialise(string tables, IReadOnlyDictionary<string, string> settings) => Run(c => Together(c, () =>
    {
        Execute(c, tables);
        if (Scalar(c, "select value from settings where key = @key", ("key", VersionKey)) is not null)
            throw new LedgerException($"{Address} holds a cohort already. Use 'microtome cohort add' to add slides to it, or another address.");
        Write(c, settings);
        Write(c, new Dictionary<string, string>(StringComparer.Ordinal) { [VersionKey] = Version });
        return 0;
    }));

    /// <summary>Makes sure that the tables are ours.</summary>
    protected void CheckVersion()
    {
        string? found = this[VersionKey];
        if (found != Version)
            throw new LedgerException($"{Address} has tables of version {found ?? "?"}; this microtome reads version {Version}. Use the microtome that made it.");
    }

    /// <summary>Runs an operation; when the database does not answer, again after a pause, for as long as patience lasts.</summary>
    protected T Run<T>(Func<DbConnection, T> operation)
    {
        lock (gate)
        {
            long began = Environment.TickCount64;
            bool told = false;
            for (int tries = 0; ; tries++)
            {
                try
                {
                    var result = operation(connection ??= Connect());
                    if (told)
                        Say?.Invoke($"{Address} answers again.");
                    return result;
                }
                catch (Exception e) when (IsPassing(e) && !Stop.IsCancellationRequested && Environment.TickCount64 - began < Patience.TotalMilliseconds)
                {
                    Disconnect();
                    if (!told && tries > 0)
                        Say?.Invoke($"{Address} does not answer ({e.Message.Split('\n')[0].TrimEnd('.')}); trying again for {Patience.TotalMinutes:0.#} minutes.");
                    told |= tries > 0;
                    Stop.WaitHandle.WaitOne(Math.Min(2000, 50 << Math.Min(tries, 6)));
                }
                catch (Exception e) when (e is DbException or IOException)
                {
                    Disconnect();
                    throw Explain(e);
                }
            }
        }
    }

    /// <summary>A statement that is prepared once a connection.</summary>
    protected DbCommand Command(DbConnection c, string text, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        if (!prepared.TryGetValue(text, out var command))
        {
            command = c.CreateCommand();
            command.CommandText = text;
            prepared[text] = command;
        }

        foreach (var (name, value) in parameters)
        {
            if (command.Parameters.Contains(name))
                command.Parameters[name].Value = value ?? DBNull.Value;
            else if (text.Contains("@" + name, StringComparison.Ordinal))
                command.Parameters.Add(Parameter(command, name, value));
        }

        if (text.Contains("@now", StringComparison.Ordinal))
            AddClock(command);
        Prepare(command);
        return command;
    }

    /// <summary>Prepares a statement whose parameters are known.</summary>
    protected virtual void Prepare(DbCommand command)
    {
    }

    /// <summary>A parameter.</summary>
    protected static DbParameter Parameter(DbCommand command, string name, object? value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = value ?? DBNull.Value;
        if (value is null || value is double)
            parameter.DbType = name is "seconds" ? System.Data.DbType.Double : System.Data.DbType.String;
        return parameter;
    }

    /// <summary>Runs a statement.</summary>
    protected int Execute(DbConnection c, string text, params ReadOnlySpan<(string Name, object? Value)> parameters) => Command(c, text, parameters).ExecuteNonQuery();

    /// <summary>The first value that a statement gives.</summary>
    protected object? Scalar(DbConnection c, string text, params ReadOnlySpan<(string Name, object? Value)> parameters) => Command(c, text, parameters).ExecuteScalar();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        lock (gate)
            Disconnect();
    }

    private void Disconnect()
    {
        foreach (var command in prepared.Values)
            command.Dispose();
        prepared.Clear();
        try
        {
            connection?.Dispose();
        }
        catch (Exception e) when (e is DbException or InvalidOperationException or IOException)
        {
            // It is broken already.
        }

        connection = null;
    }

    private void Guarded(Lease lease, string text, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        (string Name, object? Value)[] all = [("id", lease.ItemId), ("token", lease.Token), .. parameters];
        if (Run(c => Execute(c, text, all)) == 0)
            throw new LeaseLostException(lease);
    }

    private Lease? Next(DbConnection c, string token, Shard shard, long after) => Lease(
        c,
        $"update items set state = 1, attempts = attempts + 1, token = @token, holder = @holder, lease_until = {Now} + @lease where {Hastily} and id = (select id from items "
        + $"where state = 0 and place > @after and not_before <= {Now} and id % @count = @index order by place limit 1 {SkipLocked}) returning id, name, payload, attempts, round",
        token,
        ("token", token),
        ("holder", WorkerIdentity.Own.ToString()),
        ("lease", (long)LeaseTime.TotalMilliseconds),
        ("after", after),
        ("count", (long)shard.Count),
        ("index", (long)shard.Index));

    private Lease? Lease(DbConnection c, string text, string token, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var reader = Command(c, text, parameters).ExecuteReader();
        return reader.Read() ? new Lease(reader.GetInt64(0), reader.GetString(1), reader.GetString(2), reader.GetInt32(3), reader.GetInt32(4), token) : null;
    }

    private List<LedgerItem> Rows(DbConnection c, string rest, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var reader = Command(c, "select id, name, payload, state, attempts, round, holder, reason, result, seconds from items " + rest, parameters).ExecuteReader();
        var items = new List<LedgerItem>();
        while (reader.Read())
        {
            string? Text(int i) => reader.IsDBNull(i) ? null : reader.GetString(i);
            items.Add(new LedgerItem(reader.GetInt64(0), reader.GetString(1), reader.GetString(2), (ItemState)reader.GetInt16(3), reader.GetInt32(4), reader.GetInt32(5), Text(6), Text(7), Text(8), reader.IsDBNull(9) ? null : reader.GetDouble(9)));
        }

        return items;
    }

    private void Write(DbConnection c, IReadOnlyDictionary<string, string> settings)
    {
        foreach (var (key, value) in settings)
            Execute(c, "insert into settings(key, value) values(@key, @value) on conflict(key) do update set value = excluded.value", ("key", key), ("value", value));
    }
}
