using System.Diagnostics;
using System.Globalization;
using System.Reflection;

namespace Microtome.Cli;

/// <summary>A <c>microtome serve</c> of our own on a free port, and what it uses.</summary>
internal sealed class ServerProcess : IDisposable
{
    private readonly Process process;

    private ServerProcess(Process process, string url) => (this.process, Url) = (process, url);

    /// <summary>Its address without a slash at the end.</summary>
    public string Url { get; }

    /// <summary>Resident memory, bytes (Linux).</summary>
    public long Memory
    {
        get
        {
            string line = File.ReadLines($"/proc/{process.Id}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
            return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) * 1024;
        }
    }

    /// <summary>Open handles (Linux).</summary>
    public int Handles => Directory.EnumerateFileSystemEntries($"/proc/{process.Id}/fd").Count();

    /// <summary>Starts one.</summary>
    /// <exception cref="InvalidDataException">It did not start.</exception>
    public static ServerProcess Start(params string[] arguments)
    {
        // Under 'dotnet microtome.dll' the process is dotnet.
        string program = Environment.ProcessPath!;
        string[] before = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [Assembly.GetEntryAssembly()!.Location] : [];
        var server = Process.Start(new ProcessStartInfo(program, [.. before, "serve", .. arguments, "--urls", "http://127.0.0.1:0", "--rate", "1000000"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        })!;
        const string words = "listening on ";
        if (server.StandardOutput.ReadLine() is { } line && line.StartsWith(words, StringComparison.Ordinal))
            return new ServerProcess(server, line[words.Length..].TrimEnd('/'));
        server.Dispose();
        throw new InvalidDataException("The server did not start; its words are above.");
    }

    public void Dispose()
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
    }
}
