namespace Microtome.Imaging;

/// <summary>A picture too large to hold: pyramid levels of which regions can be read. All members may be called from many threads at once.</summary>
public interface ISlide : IDisposable
{
    /// <summary>The file name without its folder and extension; names the folder of results.</summary>
    string Name { get; }

    /// <summary>The full path, or the <c>synthetic:</c> address.</summary>
    string Path { get; }

    /// <summary>The format as its reader calls it: aperio, hamamatsu, generic-tiff, png, synthetic.</summary>
    string Format { get; }

    /// <summary>The levels, largest first; there is at least one.</summary>
    IReadOnlyList<SlideLevel> Levels { get; }

    /// <summary>The size of a level-0 pixel, or null when the file does not say.</summary>
    PixelSize? PixelSize { get; }

    /// <summary>What contradicts or qualifies <see cref="PixelSize"/>, one sentence each; empty when all sources agree.</summary>
    IReadOnlyList<string> PixelSizeNotes { get; }

    /// <summary>The properties as the reader names them (openslide.*, aperio.*, tiff.*).</summary>
    IReadOnlyDictionary<string, string> Properties { get; }

    /// <summary>Reads a region of one level. What lies outside the slide is white and never shifts what lies inside.</summary>
    /// <param name="region">The region in pixels of its level.</param>
    /// <param name="destination">Receives the pixels; its size equals the region's.</param>
    /// <exception cref="SlideException">The file is damaged there or cannot be read.</exception>
    void ReadRegion(LevelRect region, RgbImage destination);
}
