using System.Diagnostics;

namespace Microtome.EndToEnd.Tests;

/// <summary>The built program, started as a person starts it: a process with arguments.</summary>
public static class MicrotomeProgram
{
    /// <summary>The repository.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The program: what <c>./test</c> built, or the copy beside the tests when they are run alone.</summary>
    public static string Executable { get; } =
        Environment.GetEnvironmentVariable("MICROTOME_PROGRAM") is { Length: > 0 } given ? given : Path.Combine(AppContext.BaseDirectory, "microtome");

    /// <summary>The bundled slide.</summary>
    public static string Sample { get; } = Path.Combine(Root, "samples", "cmu-1-small-region.svs");

    /// <summary>Runs it to the end.</summary>
    public static Outcome Run(params string[] arguments) => Wait(Start(Executable, arguments));

    /// <summary>Runs a bash line in which <c>$MICROTOME</c> is the program.</summary>
    public static Outcome Shell(string line, params string[] arguments) => Wait(Start("/bin/bash", ["-c", line, "bash", .. arguments]));

    /// <summary>Starts it and goes on.</summary>
    public static Process StartProgram(params string[] arguments) => Start(Executable, arguments);

    /// <summary>Waits for a started program.</summary>
    public static Outcome Wait(Process process)
    {
        using (process)
        {
            var output = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit(TimeSpan.FromMinutes(5)))
            {
                process.Kill(entireProcessTree: true);
                throw new TimeoutException($"{process.StartInfo.FileName} {string.Join(' ', process.StartInfo.ArgumentList)} did not end in five minutes.");
            }

            process.WaitForExit();
            return new Outcome(process.ExitCode, output.Result, error.Result);
        }
    }

    private static Process Start(string file, string[] arguments)
    {
        var start = new ProcessStartInfo(file, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.Environment["MICROTOME"] = Executable;
        start.Environment["OMP_WAIT_POLICY"] = "PASSIVE";
        start.Environment.TryAdd("MICROTOME_NATIVE", Path.Combine(Root, "out", "native"));
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Microtome.slnx")))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException("The tests do not lie inside the repository.");
    }
}
