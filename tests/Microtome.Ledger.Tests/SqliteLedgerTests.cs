using System.Diagnostics;
using Microtome.Imaging;

namespace Microtome.Ledger.Tests;

public sealed class SqliteLedgerTests : LedgerRules, IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("ledger 帳").FullName;
    private int files;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Open_NothingThere_SaysHowToMakeOne()
    {
        var e = Assert.Throws<LedgerException>(() => WorkLedger.Open(Path.Combine(folder, "none.db")));
        Assert.Contains("cohort create", e.Message, StringComparison.Ordinal);
        Assert.Throws<UsageException>(() => WorkLedger.Open(folder));
        Assert.False(File.Exists(Path.Combine(folder, "none.db")));
    }

    [Theory]
    [InlineData("not a database, but some text that is long enough to be taken for one by nobody, not even by a very old SQLite that reads a hundred bytes")]
    [InlineData("")]
    public void Open_AnotherFile_SaysSo(string content)
    {
        string path = Path.Combine(folder, "other.db");
        File.WriteAllText(path, content);
        Assert.Contains("not a ledger", Assert.Throws<LedgerException>(() => WorkLedger.Open(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sweep_AProcessThatDied_GivesItsItemsBackAtOnce()
    {
        string address = Fresh();
        using var ledger = WorkLedger.Create(address, new Dictionary<string, string>(StringComparer.Ordinal));
        ledger.Add([new NewItem("a", "{}"), new NewItem("b", "{}")]);
        var own = ledger.Claim(Shard.All)!;
        _ = ledger.Claim(Shard.All)!;
        using var sleeper = Process.Start("sleep", "60");
        string[] stat = File.ReadAllText($"/proc/{sleeper.Id}/stat").Split(' ');
        Execute(address, $"update items set holder = '{new WorkerIdentity(Environment.MachineName, sleeper.Id, long.Parse(stat[21]), WorkerIdentity.Own.Space)}' where name = 'b'");
        Assert.Equal(0, ledger.Sweep());
        sleeper.Kill();
        sleeper.WaitForExit();
        Assert.Equal(1, ledger.Sweep());
        Assert.Equal("b", ledger.Claim(Shard.All)!.Name);
        ledger.Renew(own);
    }

    [Fact]
    public void Sweep_AfterARestartOfTheHost_GivesItsItemsBack()
    {
        string address = Fresh();
        using var ledger = WorkLedger.Create(address, new Dictionary<string, string>(StringComparer.Ordinal));
        ledger.Add([new NewItem("a", "{}"), new NewItem("elsewhere", "{}")]);
        _ = ledger.Claim(Shard.All);
        _ = ledger.Claim(Shard.All);
        Execute(address, $"update items set holder = '{Environment.MachineName} 17 5 earlier-boot/pid:[1]', lease_until = 9000000000000 where name = 'a'");
        Execute(address, "update items set holder = 'another-host 17 5 earlier-boot/pid:[1]' where name = 'elsewhere'");
        Assert.Equal(1, ledger.Sweep());
        Assert.Equal("a", ledger.Claim(Shard.All)!.Name);
    }

    [Fact]
    public void Open_OnANetworkFileSystem_OnlyItsHostMay()
    {
        string address = Fresh();
        using (var made = new SqliteLedger(address, create: true, network: true))
            made.Add([new NewItem("a", "{}")]);
        Assert.False(File.Exists(address + "-wal"));
        using (var again = new SqliteLedger(address, create: false, network: true))
            Assert.NotNull(again.Claim(Shard.All));
        Execute(address, "update settings set value = 'login-7' where key = 'host'");
        var e = Assert.Throws<LedgerException>(() => new SqliteLedger(address, create: false, network: true));
        Assert.Contains("login-7", e.Message, StringComparison.Ordinal);
        using var local = new SqliteLedger(address, create: false, network: false);
        Assert.Equal(1, local.Count().Running);
    }

    [Theory]
    [InlineData("1/1")]
    [InlineData("-1/2")]
    [InlineData("a/2")]
    [InlineData("0")]
    [InlineData("0/0")]
    public void Shard_ThatIsNone_IsRefused(string text) => Assert.Throws<UsageException>(() => Shard.Parse(text));

    protected override string Fresh() => Path.Combine(folder, $"ledger {++files}.db");

    private static void Execute(string path, string sql)
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
