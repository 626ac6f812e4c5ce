using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Microtome.Cli;

/// <summary>A program of <c>bench/peers</c> that does the same work with other people's code.</summary>
internal sealed class PeerProgram
{
    private readonly string _file;
    private readonly string[] _before;

    private PeerProgram(string file, params string[] before)
    {
        _file = file;
        _before = before;
    }

    /// <summary>Compiles a C peer against OpenSlide.</summary>
    /// <returns>The program, or null with the reason.</returns>
    public static PeerProgram? Compile(string source, string folder, out string reason)
    {
        var program = Path.Combine(folder, Path.GetFileNameWithoutExtension(source));
        reason = string.Empty;
        foreach (var compiler in (string[])["cc", "gcc", "g++"])
        {
            if (TryRun(compiler, ["-O2", "-o", program, Installation.PathOf("bench", "peers", source), "-lopenslide"], out _, out reason))
                return new PeerProgram(program);
        }

        return null;
    }

    /// <summary>A Python peer, when the system's Python has the module.</summary>
    public static PeerProgram? Python(string source, string module, out string reason)
    {
        foreach (var python in (string[])["/usr/bin/python3", "python3"])
        {
            if (TryRun(python, ["-c", $"import {module}"], out _, out reason))
                return new PeerProgram(python, Installation.PathOf("bench", "peers", source));
        }

        reason = $"python3 has no module {module}";
        return null;
    }

    /// <summary>Runs it to the end.</summary>
    /// <returns>The words of its last line.</returns>
    /// <exception cref="InvalidDataException">It failed.</exception>
    public string[] Run(params string[] arguments) => RunLine(arguments).Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Runs it to the end.</summary>
    /// <returns>Its last line.</returns>
    /// <exception cref="InvalidDataException">It failed.</exception>
    public string RunLine(params string[] arguments)
    {
        if (!TryRun(_file, [.. _before, .. arguments], out var output, out var reason))
            throw new InvalidDataException($"The peer {Path.GetFileName(_file)} failed: {reason}");
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1];
    }

    /// <summary>Starts it and gives what it prints first; the caller ends it.</summary>
    /// <exception cref="InvalidDataException">It ended without a word.</exception>
    public (Process Process, string[] Words) Start(params string[] arguments)
    {
        var process = Process.Start(new ProcessStartInfo(_file, [.. _before, .. arguments]) { UseShellExecute = false, RedirectStandardOutput = true })!;
        if (process.StandardOutput.ReadLine() is { } line)
            return (process, line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        process.Kill();
        process.Dispose();
        throw new InvalidDataException($"The peer {Path.GetFileName(_before.Length > 0 ? _before[0] : _file)} did not start.");
    }

    private static bool TryRun(string file, string[] arguments, out string output, out string reason)
    {
        output = reason = string.Empty;
        try
        {
            using var process = Process.Start(new ProcessStartInfo(file, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
            var errors = process.StandardError.ReadToEndAsync();
            output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            reason = errors.Result.Trim();
            return process.ExitCode == 0;
        }
        catch (Exception exception) when (exception is System.ComponentModel.Win32Exception or FileNotFoundException or ExternalException)
        {
            reason = $"{file}: {exception.Message}";
            return false;
        }
    }
}
