using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>
/// Keeps two runs from writing into one folder. The kernel's lock on <c>lock</c> falls with the process that holds it; <c>lock.json</c> says who it is
/// (pid, host, start time) and is touched every half minute, for file systems where the kernel's lock does not reach other hosts. A dead
/// owner's lock is taken over; a silent owner on another host counts as dead after five minutes.
/// </summary>
public sealed class OutputLock : IDisposable
{
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(5);
    private readonly FileStream kernel;
    private readonly Timer heartBeat;
    private readonly string ownerFile;

    private OutputLock(FileStream kernel, string ownerFile, bool takenOver)
    {
        this.kernel = kernel;
        this.ownerFile = ownerFile;
        TakenOver = takenOver;
        heartBeat = new Timer(_ => Touch(), null, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(30));
    }

    /// <summary>Whether an earlier run ended without giving its lock back.</summary>
    public bool TakenOver { get; }

    /// <summary>Takes the lock of a folder.</summary>
    /// <exception cref="IOException">Another run holds it; the message says which.</exception>
    public static OutputLock Take(string folder)
    {
        Directory.CreateDirectory(folder);
        string owners = Path.Combine(folder, "lock.json");
        FileStream file;
        try
        {
            file = new FileStream(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when ((e.HResult & 0xFFFF) is 11 or 35 || e.Message.Contains("being used", StringComparison.Ordinal))
        {
            throw Busy(folder, Read(owners), owners);
        }

        try
        {
            var owner = Read(owners);
            if (owner is not null && IsAlive(owner, owners))
                throw Busy(folder, owner, owners);
            var own = new Owner(Environment.ProcessId, Environment.MachineName, StartOf(Environment.ProcessId), DateTime.UtcNow);
            AtomicFile.WriteAllText(owners, JsonSerializer.Serialize(own));
            return new OutputLock(file, owners, owner is not null);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        heartBeat.Dispose();
        try
        {
            File.Delete(ownerFile);
        }
        catch (IOException)
        {
            // The folder may be gone with the results that someone deleted.
        }

        kernel.Dispose();
    }

    private static IOException Busy(string folder, Owner? owner, string ownerFile)
    {
        string target = Path.GetDirectoryName(Path.GetFullPath(folder)) ?? folder;
        string who = owner is null
            ? "another run"
            : string.Create(CultureInfo.InvariantCulture, $"another run (process {owner.Pid} on {owner.Host}, since {owner.Since:yyyy-MM-dd HH:mm:ss} UTC)");
        return new IOException($"{target} is being written by {who}. Wait for it or choose another --output; if it is surely dead, delete {ownerFile}.");
    }

    private static bool IsAlive(Owner owner, string ownerFile)
    {
        if (owner.Pid == Environment.ProcessId && owner.Host == Environment.MachineName)
            return false;
        return owner.Host == Environment.MachineName
            ? owner.Start == StartOf(owner.Pid)
            : DateTime.UtcNow - File.GetLastWriteTimeUtc(ownerFile) < Silence;
    }

    // Pids are used again: only together with the start time does one name a process.
    private static long StartOf(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return process.StartTime.ToUniversalTime().Ticks / TimeSpan.TicksPerSecond;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return -1;
        }
    }

    private static Owner? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<Owner>(File.ReadAllText(path));
        }
        catch (Exception e) when (e is IOException or JsonException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private void Touch()
    {
        try
        {
            File.SetLastWriteTimeUtc(ownerFile, DateTime.UtcNow);
        }
        catch (IOException)
        {
            // A missed beat does no harm.
        }
    }

    private sealed record Owner(int Pid, string Host, long Start, DateTime Since);
}
