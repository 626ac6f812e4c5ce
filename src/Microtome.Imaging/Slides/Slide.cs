namespace Microtome.Imaging;

/// <summary>Opens whatever can be read as a slide.</summary>
public static class Slide
{
    /// <summary>The beginning of an address that names the built-in slide.</summary>
    public const string SyntheticPrefix = "synthetic:";

    /// <summary>
    /// Opens a slide: <c>synthetic:WIDTHxHEIGHT</c>, a format that OpenSlide knows, or an ordinary picture. The content decides, not the extension.
    /// </summary>
    /// <param name="path">A path or a <c>synthetic:</c> address.</param>
    /// <param name="given">The pixel size that the user gave; it goes before what the file says.</param>
    /// <exception cref="SlideException">No reader can open it; the message lists each reader and its reason.</exception>
    public static ISlide Open(string path, PixelSize? given = null)
    {
        if (given is { IsPlausible: false })
            throw new SlideException($"--mpp {given.X:0.####} is not plausible: a slide has {PixelSize.Smallest} to {PixelSize.Largest} um per pixel (0.25 at 40x, 0.5 at 20x).");
        if (path.StartsWith(SyntheticPrefix, StringComparison.OrdinalIgnoreCase))
            return SyntheticSlide.Parse(path, given);

        CheckFile(path);
        string full = Path.GetFullPath(path);
        if (OpenSlideSlide.TryOpen(full, given, out string openSlide) is { } slide)
            return slide;
        if (PictureSlide.TryOpen(full, given, out string picture) is { } ordinary)
            return ordinary;
        throw new SlideException($"{path} cannot be opened. OpenSlide: {openSlide.TrimEnd('.')}. libvips: {picture.TrimEnd('.')}.");
    }

    // What the readers would put in worse words.
    private static void CheckFile(string path)
    {
        if (string.IsNullOrWhiteSpace(path))
            throw new SlideException("The path of the slide is empty.");
        if (Directory.Exists(path))
            throw new SlideException($"{path} is a folder, not a slide. Name the slide file in it.");
        if (!File.Exists(path))
            throw new SlideException($"{path} does not exist (or its folder may not be entered).");
        try
        {
            using FileStream stream = File.OpenRead(path);
            if (stream.Length == 0)
                throw new SlideException($"{path} is empty (0 bytes); the copy of it probably failed.");
        }
        catch (UnauthorizedAccessException e)
        {
            throw new SlideException($"{path} may not be read: no permission.", e);
        }
        catch (IOException e)
        {
            throw new SlideException($"{path} cannot be read: {e.Message}", e);
        }
    }
}
