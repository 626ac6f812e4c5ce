using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microtome.Imaging;
using Microtome.Ledger;

namespace Microtome.Pathology;

/// <summary>
/// Keeps two runs from writing into one folder. The kernel's lock on <c>lock</c> falls with the process that holds it; <c>lock.json</c> says who it is
/// (pid, host, start time) and is made so that only one can make it, also where the kernel's lock does not reach other hosts (network file systems). It is touched every
/// half minute. A dead owner's lock is taken over. An owner on another host counts as dead when nobody has touched the file while this host watched, so that
/// clocks that disagree or jump do no harm.
/// </summary>
public sealed partial class OutputLock : IDisposable
{
    private const int FileExists = 17; // errno
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(30);
    private static readonly ConcurrentDictionary<string, (DateTime Stamp, long Since)> s_seen = new(StringComparer.Ordinal);
    private readonly FileStream? kernel;
    private readonly Timer heartBeat;
    private readonly string ownerFile;
    private readonly Owner own;

    private OutputLock(FileStream? kernel, string ownerFile, Owner own, bool takenOver)
    {
        this.kernel = kernel;
        this.ownerFile = ownerFile;
        this.own = own;
        TakenOver = takenOver;
        heartBeat = new Timer(_ => Touch(), null, Beat, Beat);
    }

    /// <summary>Whether an earlier run ended without giving its lock back.</summary>
    public bool TakenOver { get; }

    /// <summary>Takes the lock of a folder.</summary>
    /// <exception cref="FolderBusyException">Another run holds it; the message says which.</exception>
    public static OutputLock Take(string folder) => Take(folder, useKernel: true, TimeSpan.FromSeconds(65));

    /// <summary>Takes the lock; without the kernel's help as on a network file system.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="useKernel">Whether the kernel's lock counts.</param>
    /// <param name="watch">How long a silent owner on another host is watched for a sign of life; two beats and some.</param>
    internal static OutputLock Take(string folder, bool useKernel, TimeSpan watch)
    {
        Directory.CreateDirectory(folder);
        string owners = Path.Combine(folder, "lock.json");
        FileStream? file = null;
        try
        {
            if (useKernel)
                file = new FileStream(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when ((e.HResult & 0xFFFF) is 11 or 35 || e.Message.Contains("being used", StringComparison.Ordinal))
        {
            throw Busy(folder, Read(owners), owners);
        }

        var fresh = new Owner(Environment.ProcessId, Environment.MachineName, StartOf(Environment.ProcessId), DateTime.UtcNow, Guid.NewGuid().ToString("N"));
        try
        {
            if (Claim(owners, fresh))
                return new OutputLock(file, owners, fresh, takenOver: false);
            if (Read(owners) is { } owner && IsAlive(owner, owners, useKernel, watch))
                throw Busy(folder, owner, owners);
            TakeOver(folder, owners, fresh, useKernel, watch);
            return new OutputLock(file, owners, fresh, takenOver: true);
        }
        catch
        {
            file?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        heartBeat.Dispose();
        try
        {
            // A run that was taken for dead must not remove its successor's.
            if (Read(ownerFile) is { } owner && owner.Id == own.Id)
                File.Delete(ownerFile);
        }
        catch (IOException)
        {
            // The folder may be gone with the results that someone deleted.
        }

        kernel?.Dispose();
    }

    // Whoever is first makes the file, with its content: a hard link is one step on every file system that has them. File.Move without overwriting is not: it looks whether
    // the name is free and then renames, which replaces what came between.
    private static bool Claim(string path, Owner own)
    {
        string mine = AtomicFile.TemporaryBeside(path);
        File.WriteAllText(mine, JsonSerializer.Serialize(own));
        try
        {
            if (Link(mine, path) == 0)
                return true;
            int error = Marshal.GetLastPInvokeError();
            return error == FileExists
                ? false
                : throw new IOException($"{path} cannot be made (errno {error}). The lock of a folder of results needs a file system with hard links, and permission to write; choose another --output.");
        }
        finally
        {
            File.Delete(mine);
        }
    }

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Link(string existing, string path);

    // One at a time looks again whether the owner is dead, and replaces its file.
    private static void TakeOver(string folder, string owners, Owner own, bool useKernel, TimeSpan watch)
    {
        string turn = Path.Combine(folder, "lock.takeover");
        if (!Claim(turn, own))
        {
            // Only what a dead process surely left is removed: a file that has just gone was another's turn, and the next may have begun.
            if (Read(turn) is { } other && !IsAlive(other, turn, useKernel, watch))
                File.Delete(turn);
            throw Busy(folder, Read(owners), owners);
        }

        try
        {
            // The owner may have gone by itself meanwhile, and others may have come; only a dead one's file is replaced, and only by whose turn it is.
            if (Claim(owners, own))
                return;
            var owner = Read(owners);
            if (owner is null || IsAlive(owner, owners, useKernel, watch))
                throw Busy(folder, owner, owners);
            AtomicFile.WriteAllText(owners, JsonSerializer.Serialize(own));
        }
        finally
        {
            File.Delete(turn);
        }
    }

    private static FolderBusyException Busy(string folder, Owner? owner, string ownerFile)
    {
        string target = Path.GetDirectoryName(Path.GetFullPath(folder)) ?? folder;
        string who = owner is null
            ? "another run"
            : string.Create(CultureInfo.InvariantCulture, $"another run (process {owner.Pid} on {owner.Host}, since {owner.Since:yyyy-MM-dd HH:mm:ss} UTC)");
        return new FolderBusyException($"{target} is being written by {who}. Wait for it or choose another --output; if it is surely dead, delete {ownerFile}.");
    }

    private static bool IsAlive(Owner owner, string ownerFile, bool useKernel, TimeSpan watch)
    {
        // Our own process: with the kernel's lock in our hands, what is there was left by an earlier process of the same number.
        if (owner.Host == Environment.MachineName)
            return (owner.Pid != Environment.ProcessId || !useKernel) && owner.Start == StartOf(owner.Pid);
        var stamp = File.GetLastWriteTimeUtc(ownerFile);
        var seen = s_seen.AddOrUpdate(ownerFile, (stamp, Stopwatch.GetTimestamp()), (_, known) => known.Stamp == stamp ? known : (stamp, Stopwatch.GetTimestamp()));
        if (Stopwatch.GetElapsedTime(seen.Since) > Silence)
            return false;
        if (DateTime.UtcNow - stamp < Silence)
            return true;

        // It looks old by our clock, which may be wrong: see whether it is touched.
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < watch)
        {
            Thread.Sleep(TimeSpan.FromMilliseconds(Math.Min(500, watch.TotalMilliseconds / 4)));
            if (!File.Exists(ownerFile) || File.GetLastWriteTimeUtc(ownerFile) != stamp)
                return true;
        }

        return false;
    }

    // Pids are used again: only together with the start does one name a process.
    private static long StartOf(int pid) => WorkerIdentity.StartOf(pid) ?? -1;

    // Null when there is no file to read. A file that says nothing, as after a power cut, is a dead owner's.
    private static Owner? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<Owner>(File.ReadAllText(path)) ?? Owner.Unknown;
        }
        catch (JsonException)
        {
            return Owner.Unknown;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
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

    private sealed record Owner(int Pid, string Host, long Start, DateTime Since, string? Id = null)
    {
        public static Owner Unknown { get; } = new(0, Environment.MachineName, long.MinValue, default);
    }
}
