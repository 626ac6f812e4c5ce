namespace Microtome.Server;

/// <summary>Files of a folder, and of nothing else.</summary>
internal static class SafePath
{
    /// <summary>The file <paramref name="name"/> of <paramref name="folder"/>; null when it does not exist or lies elsewhere once links are followed.</summary>
    /// <param name="folder">A folder without symbolic links (see <see cref="Real"/>).</param>
    /// <param name="name">A file name of the program's own, never of a request.</param>
    public static string? Inside(string folder, string name)
    {
        string path = Path.Combine(folder, name);
        return File.Exists(path) && Real(path) is { } real && real.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal) ? real : null;
    }

    /// <summary>The path with every symbolic link followed; null when it does not exist or the links go round in circles.</summary>
    public static string? Real(string path)
    {
        string full = Path.GetFullPath(path);
        string root = Path.GetPathRoot(full)!;
        string real = root;
        int links = 0;
        var parts = new Stack<string>(full[root.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries).Reverse());
        while (parts.TryPop(out string? part))
        {
            if (part == ".")
                continue;
            if (part == "..")
            {
                real = Path.GetDirectoryName(real) ?? root;
                continue;
            }

            string next = Path.Combine(real, part);
            FileSystemInfo info = Directory.Exists(next) ? new DirectoryInfo(next) : new FileInfo(next);
            if (info.LinkTarget is not { } target)
            {
                if (!info.Exists)
                    return null;
                real = next;
                continue;
            }

            if (++links > 40)
                return null;
            if (Path.IsPathRooted(target))
                real = root;
            foreach (string step in target.Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries).Reverse())
                parts.Push(step);
        }

        return real;
    }
}
