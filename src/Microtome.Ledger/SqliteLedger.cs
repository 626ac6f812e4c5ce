using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Microtome.Imaging;
using SQLitePCL;

namespace Microtome.Ledger;

/// <summary>
/// A ledger in one SQLite file, for the processes of one host. Leases count on the host's own clock (<see cref="HostClock"/>), so nobody's setting the time moves
/// them; items of a process that died are taken over at once. On a network file system the file belongs to the host that made it and others are refused.
/// </summary>
internal sealed class SqliteLedger : SqlLedger
{
    private const string HostKey = "host";
    private const string Tables = """
        create table if not exists settings(key text primary key, value text not null) without rowid;
        create table if not exists items(
            id integer primary key, name text not null unique, payload text not null, state integer not null default 0, attempts integer not null default 0,
            round integer not null default 0, place integer not null, not_before integer not null default 0, token text, holder text, lease_until integer,
            reason text, result text, seconds real);
        create index if not exists items_waiting on items(place) where state = 0;
        create index if not exists items_running on items(lease_until) where state = 1;
        create table if not exists notes(id integer primary key, item integer not null references items(id), kind text not null, who text not null, at text not null, body text not null);
        create index if not exists notes_kind on notes(kind, item);
        """;

    private static readonly string[] s_network = ["nfs", "nfs4", "smb", "smb2", "smb3", "cifs", "lustre", "gpfs", "ceph", "beegfs", "afs", "9p", "fuse", "fuseblk", "panfs", "ocfs2", "gfs", "gfs2", "glusterfs"];
    private readonly string path;
    private readonly bool network;

    public SqliteLedger(string path, bool create, IReadOnlyDictionary<string, string>? settings = null, bool? network = null)
    {
        SqliteLibrary.Prepare();
        this.path = Path.GetFullPath(path);
        if (Directory.Exists(this.path))
            throw new UsageException($"{path} is a folder; a ledger is a file, for instance {Path.Combine(path, "cohort.db")}, or the address of a PostgreSQL database.");
        if (!create && !File.Exists(this.path))
            throw new LedgerException($"{path}: there is no such ledger. 'microtome cohort create {path} SLIDE... -o OUT' makes one.");
        if (create)
            Directory.CreateDirectory(Path.GetDirectoryName(this.path)!);
        this.network = network ?? IsNetwork(this.path);
        Patience = TimeSpan.FromMinutes(1);
        if (create)
        {
            Initialise(Tables, new Dictionary<string, string>(settings ?? new Dictionary<string, string>(StringComparer.Ordinal), StringComparer.Ordinal) { [HostKey] = Environment.MachineName });
            return;
        }

        CheckHost();
        CheckVersion();
    }

    /// <inheritdoc/>
    public override string Address => path;

    /// <inheritdoc/>
    protected override string Now => "@now";

    /// <inheritdoc/>
    protected override string SkipLocked => string.Empty;

    /// <inheritdoc/>
    public override int Sweep()
    {
        int max = MaxAttempts;
        var dead = Run(c =>
        {
            var found = new List<string>();
            using var reader = Command(c, "select distinct holder from items where state = 1 and holder is not null").ExecuteReader();
            while (reader.Read())
                found.Add(reader.GetString(0));
            return found;
        }).Where(IsDead).ToList();
        return base.Sweep() + dead.Sum(holder => Run(c => Execute(c, Expire("holder = @holder"), ("max", max), ("holder", holder))));
    }

    /// <inheritdoc/>
    protected override DbConnection Connect()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ConnectionString);
        try
        {
            connection.Open();

            // The library's own waiting for a lock sleeps in steps of 150 ms; SQLite's begins with one. Writes survive any kill; what a person notes is flushed, too.
            raw.sqlite3_busy_timeout(connection.Handle!, 30_000);
            using var command = connection.CreateCommand();
            command.CommandText = network ? "pragma journal_mode = delete; pragma synchronous = full" : "pragma journal_mode = wal; pragma synchronous = normal; pragma wal_autocheckpoint = 4000";
            command.ExecuteNonQuery();
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
        Execute(connection, "begin immediate");
        try
        {
            var result = act();
            Execute(connection, "commit");
            return result;
        }
        catch
        {
            // SQLite has rolled back by itself after some errors.
            if (raw.sqlite3_get_autocommit(((SqliteConnection)connection).Handle) == 0)
                Execute(connection, "rollback");
            throw;
        }
    }

    /// <inheritdoc/>
    protected override bool IsPassing(Exception exception) => exception is SqliteException { SqliteErrorCode: raw.SQLITE_BUSY or raw.SQLITE_LOCKED };

    /// <inheritdoc/>
    protected override Exception Explain(Exception exception) => exception switch
    {
        SqliteException { SqliteErrorCode: raw.SQLITE_NOTADB or raw.SQLITE_CORRUPT } => new LedgerException($"{path} is not a ledger of microtome, or it is damaged ({exception.Message}).", exception),
        SqliteException { SqliteErrorCode: raw.SQLITE_FULL } => new IOException($"{path}: No space left on the disk. Free some space; the same command goes on.", exception),
        SqliteException { SqliteErrorCode: raw.SQLITE_ERROR } when exception.Message.Contains("no such table", StringComparison.Ordinal) => new LedgerException($"{path} is not a ledger of microtome: its tables are not there.", exception),
        SqliteException { SqliteErrorCode: raw.SQLITE_CANTOPEN or raw.SQLITE_READONLY or raw.SQLITE_PERM or raw.SQLITE_IOERR } => new IOException($"{path} cannot be used: {exception.Message} Check the disk and the permissions of the file and of its folder.", exception),
        _ => new LedgerException($"{path}: {exception.Message}", exception),
    };

    /// <inheritdoc/>
    protected override void AddClock(DbCommand command) =>
        _ = command.Parameters.Contains("now") ? command.Parameters["now"].Value = HostClock.Now : command.Parameters.Add(Parameter(command, "now", HostClock.Now));

    /// <inheritdoc/>
    protected override T Durably<T>(DbConnection connection, Func<T> act)
    {
        Execute(connection, "pragma synchronous = full");
        try
        {
            return act();
        }
        finally
        {
            if (!network)
                Execute(connection, "pragma synchronous = normal");
        }
    }

    /// <inheritdoc/>
    protected override long Insert(DbConnection connection, IReadOnlyCollection<NewItem> items)
    {
        long place = (long)Scalar(connection, "select coalesce(max(place), 0) from items")!, added = 0;
        foreach (var item in items)
        {
            int one = Execute(connection, "insert into items(name, payload, place) values(@name, @payload, @place) on conflict(name) do nothing", ("name", item.Name), ("payload", item.Payload), ("place", place + 1));
            place += one;
            added += one;
        }

        return added;
    }

    private static bool IsDead(string holder)
    {
        var worker = WorkerIdentity.Parse(holder);

        // A lease from before the host's last start has a time that means nothing now.
        return worker is not null && (worker.IsSurelyDead || (worker.Host == Environment.MachineName && !worker.Space.StartsWith(HostClock.Boot + "/", StringComparison.Ordinal)));
    }

    private static bool IsNetwork(string path)
    {
        try
        {
            string mount = DriveInfo.GetDrives().Select(d => d.Name).Where(d => IsBelow(path, d)).OrderByDescending(d => d.Length).FirstOrDefault("/");
            return s_network.Contains(new DriveInfo(mount).DriveFormat, StringComparer.OrdinalIgnoreCase);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static bool IsBelow(string path, string mount) => mount == "/" || path.StartsWith(mount.TrimEnd('/') + "/", StringComparison.Ordinal);

    // SQLite relies on locks that network file systems keep badly, so there only the host that made the file opens it.
    private void CheckHost()
    {
        if (!network)
            return;
        string? host = this[HostKey];
        if (host != Environment.MachineName)
        {
            throw new LedgerException(string.Create(
                CultureInfo.InvariantCulture,
                $"{path} lies on a network file system and belongs to the host {host}; a SQLite file must not be opened by two hosts. Run the command there, use 'cohort run --shard i/n' (which does not open the file), or a PostgreSQL ledger. If {host} is gone: sqlite3 '{path}' \"update settings set value='{Environment.MachineName}' where key='host'\""));
        }
    }
}
