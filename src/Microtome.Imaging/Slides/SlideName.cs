namespace Microtome.Imaging;

/// <summary>Turns a path into the name of a folder of results.</summary>
public static class SlideName
{
    /// <summary>The file name without its extension; a double extension like <c>.ome.tif</c> goes as a whole.</summary>
    public static string Of(string path)
    {
        string name = Path.GetFileNameWithoutExtension(path);
        if (name.EndsWith(".ome", StringComparison.OrdinalIgnoreCase))
            name = name[..^4];
        return name.Length == 0 ? "slide" : name;
    }
}
