using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Microtome.Cli;

/// <summary>A PostgreSQL server of its own in a temporary folder, on loopback, that ends with this object: for tests and benchmarks. As root it runs as the user postgres, because it refuses root.</summary>
public sealed class ThrowawayPostgres : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("mtpg").FullName;
    private readonly string programs;
    private readonly int port = FreePort();
    private int schemas;

    /// <summary>Makes a database and starts its server.</summary>
    /// <exception cref="InvalidOperationException">PostgreSQL is not installed, or it does not start.</exception>
    public ThrowawayPostgres()
    {
        programs = Installed ?? throw new InvalidOperationException("There is no /usr/lib/postgresql/*/bin/initdb: install postgresql.");
        if (IsRoot)
            Run("chown", "postgres", folder);
        RunAs(Path.Combine(programs, "initdb"), "-D", Data, "-U", "tester", "-A", "trust", "--locale=C.UTF-8", "-E", "UTF8");
        Start();
    }

    /// <summary>Where PostgreSQL's programs are, or null.</summary>
    public static string? Installed => Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").OrderDescending(StringComparer.Ordinal).Select(d => Path.Combine(d, "bin")).FirstOrDefault(d => File.Exists(Path.Combine(d, "initdb")))
        : null;

    /// <summary>The port on loopback.</summary>
    public int Port => port;

    /// <summary>The folder of the database.</summary>
    public string Data => Path.Combine(folder, "data");

    /// <summary>The server's process.</summary>
    public int Pid => int.Parse(File.ReadLines(Path.Combine(Data, "postmaster.pid")).First(), CultureInfo.InvariantCulture);

    private static bool IsRoot => Environment.UserName == "root";

    /// <summary>An address with a schema that nobody has used.</summary>
    public string Fresh() => Address(string.Create(CultureInfo.InvariantCulture, $"t{Interlocked.Increment(ref schemas)}"));

    /// <summary>The address with a schema.</summary>
    public string Address(string schema) => string.Create(CultureInfo.InvariantCulture, $"postgres://tester@127.0.0.1:{port}/postgres?schema={schema}");

    /// <summary>Starts the server; after a kill its last children may still be leaving, so several times.</summary>
    public void Start()
    {
        for (int tries = 0; ; tries++)
        {
            try
            {
                StartOnce();
                return;
            }
            catch (InvalidOperationException) when (tries < 20)
            {
                Thread.Sleep(200);
            }
        }
    }

    private void StartOnce() => RunAs(Path.Combine(programs, "pg_ctl"), "-D", Data, "-w", "-l", Path.Combine(folder, "log"), "-o", string.Create(CultureInfo.InvariantCulture, $"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"), "start");

    /// <summary>Kills the server and all its processes as a crash would.</summary>
    public void Kill()
    {
        int pid = Pid;
        string[] children = [.. File.ReadAllText($"/proc/{pid}/task/{pid}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)];

        // Children that have left meanwhile are no failure.
        Run("/bin/sh", "-c", $"kill -9 {pid}; kill -9 {string.Join(' ', children)} 2>/dev/null; true");
        for (int i = 0; i < 500 && Directory.Exists($"/proc/{pid}") && !File.ReadAllText($"/proc/{pid}/stat").Contains(") Z", StringComparison.Ordinal); i++)
            Thread.Sleep(10);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            RunAs(Path.Combine(programs, "pg_ctl"), "-D", Data, "-m", "immediate", "stop");
        }
        catch (InvalidOperationException)
        {
            // A test killed it.
        }

        Directory.Delete(folder, recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private void RunAs(string program, params string[] arguments)
    {
        if (IsRoot)
            Run("setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", program, .. arguments]);
        else
            Run(program, arguments);
    }

    // The server inherits no pipe of ours, or reading to the end would wait for its end.
    private void Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = folder };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add("exec \"$0\" \"$@\" >>\"$MT_LOG\" 2>&1 </dev/null");
        start.ArgumentList.Add(program);
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment["MT_LOG"] = folder + ".out";
        using var process = Process.Start(start)!;
        process.WaitForExit();
        string text = File.Exists(folder + ".out") ? File.ReadAllText(folder + ".out") : string.Empty;
        File.Delete(folder + ".out");
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: code {process.ExitCode}\n{text}");
    }
}
