namespace Microtome.Server.Tests;

/// <summary>Files of the repository.</summary>
internal static class Samples
{
    /// <summary>2220 x 2967 px, one level, JPEG tiles of 240 px, photometric RGB.</summary>
    public static string Slide { get; } = Find("samples/cmu-1-small-region.svs");

    private static string Find(string relative)
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            string path = Path.Combine(folder, relative);
            if (File.Exists(path))
                return path;
        }

        throw new FileNotFoundException(relative);
    }
}
