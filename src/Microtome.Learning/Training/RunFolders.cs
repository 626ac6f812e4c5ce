namespace Microtome.Learning.Training;

/// <summary>Finds training runs.</summary>
public static class RunFolders
{
    /// <summary>The runs that lie in a folder: the folder itself, or those up to two levels below it. Links are not followed, nor is a run looked into.</summary>
    /// <param name="folder">Where to look.</param>
    /// <param name="most">Runs to find at most.</param>
    /// <param name="skip">Folders that hold no runs for sure.</param>
    public static List<RunFolder> Find(string folder, int most = 1000, Func<string, bool>? skip = null)
    {
        var found = new List<RunFolder>();
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        Look(new DirectoryInfo(full), Path.GetFileName(Path.GetDirectoryName(full)) ?? string.Empty, Path.GetFileName(full), 2);
        return found;

        void Look(DirectoryInfo at, string group, string inside, int levels)
        {
            if (found.Count >= most)
                return;
            if (File.Exists(Path.Combine(at.FullName, TrainingMetrics.FileName)))
            {
                found.Add(new RunFolder(at.FullName, at.Name, group));
                return;
            }

            if (levels == 0 || skip?.Invoke(at.FullName) == true)
                return;
            try
            {
                foreach (var sub in at.EnumerateDirectories().Where(static d => !d.Name.StartsWith('.') && !d.Attributes.HasFlag(FileAttributes.ReparsePoint)).OrderBy(static d => d.Name, StringComparer.Ordinal))
                    Look(sub, inside, inside + "/" + sub.Name, levels - 1);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // What cannot be read holds no runs for us.
            }
        }
    }
}
