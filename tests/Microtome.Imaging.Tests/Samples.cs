namespace Microtome.Imaging.Tests;

/// <summary>Files of the repository that tests read, and folders that they write.</summary>
internal static class Samples
{
    public static string Root { get; } = FindRoot();

    public static string DemoSlide => Path.Combine(Root, "samples", "cmu-1-small-region.svs");

    public static string Data(string name) => Path.Combine(Root, "tests", "Microtome.Imaging.Tests", "Data", name);

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Microtome.slnx")))
                return folder.FullName;
        }

        throw new InvalidOperationException("The tests run inside the repository.");
    }
}
