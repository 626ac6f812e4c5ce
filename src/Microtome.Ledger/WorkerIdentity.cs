using System.Globalization;

namespace Microtome.Ledger;

/// <summary>Who holds a lease: host, process and, since process numbers are used again, when the process started.</summary>
/// <param name="Host">Name of the host.</param>
/// <param name="Pid">Number of the process.</param>
/// <param name="Start">Its start, in ticks of the kernel since the host started; 0 where that is not known.</param>
/// <param name="Space">The space in which the number counts: start of the host and process namespace.</param>
public sealed record WorkerIdentity(string Host, int Pid, long Start, string Space)
{
    /// <summary>This process.</summary>
    public static WorkerIdentity Own { get; } = new(Environment.MachineName, Environment.ProcessId, StartOf(Environment.ProcessId) ?? 0, OwnSpace());

    /// <summary>Whether the process is surely gone: false for processes of other hosts and other containers, of which nothing is known here.</summary>
    public bool IsSurelyDead => Space == Own.Space && Start > 0 && StartOf(Pid) != Start;

    /// <summary>Reads what <see cref="ToString"/> wrote; null when it is something else.</summary>
    public static WorkerIdentity? Parse(string? text)
    {
        string[] parts = (text ?? string.Empty).Split(' ');
        return parts.Length == 4 && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int pid) && long.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out long start)
            ? new WorkerIdentity(parts[0], pid, start, parts[3])
            : null;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Host} {Pid} {Start} {Space}");

    /// <summary>When a process started, in ticks of the kernel since the host started, which no change of the time moves; null when there is no such process.</summary>
    public static long? StartOf(int pid)
    {
        try
        {
            string stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));

            // Field 22; the name before it may hold spaces and parentheses.
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] == "Z" ? null : long.Parse(fields[19], CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or IndexOutOfRangeException)
        {
            return null;
        }
    }

    private static string OwnSpace()
    {
        try
        {
            return HostClock.Boot + "/" + (new FileInfo("/proc/self/ns/pid").LinkTarget ?? "?").Replace(' ', '_');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "?";
        }
    }
}
