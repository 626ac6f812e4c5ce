namespace Microtome.Cli;

/// <summary>Where this program lies and what came with it.</summary>
internal static class Installation
{
    /// <summary>The folder of the repository or of the unpacked release: the nearest parent of the program that holds <c>models/</c> or the solution; the program's own folder otherwise.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The version of the program.</summary>
    public static string Version { get; } = typeof(Installation).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    /// <summary>A file or folder that came with the program, by its path below <see cref="Root"/>.</summary>
    public static string PathOf(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Microtome.slnx")) || Directory.Exists(Path.Combine(folder.FullName, "models")))
                return folder.FullName;
        }

        return AppContext.BaseDirectory;
    }
}
