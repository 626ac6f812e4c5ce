using Microtome.Imaging;

namespace Microtome.Learning;

/// <summary>
/// The patches of a slide: a grid of equal rectangles from the slide's corner on, of which those are kept whose centre lies on the slide and in the region of interest (WSInfer's
/// rule). A patch may reach over the right or lower border, where white is read.
/// </summary>
public sealed class PatchGrid
{
    // Patches are read by blocks of about this height, so that each tile of the file is decoded about once; eight abreast where they are small, because networks take them by eights.
    private const int BlockPixels = 2048;
    private const int Abreast = 8;

    private PatchGrid(int width, int height, Level0Rect[] patches, PatchBlock[] blocks)
    {
        PatchWidth = width;
        PatchHeight = height;
        Patches = patches;
        Blocks = blocks;
    }

    /// <summary>Width of a patch, level-0 pixels.</summary>
    public int PatchWidth { get; }

    /// <summary>Height of a patch, level-0 pixels.</summary>
    public int PatchHeight { get; }

    /// <summary>The patches by x, then by y, as WSInfer lists them.</summary>
    public IReadOnlyList<Level0Rect> Patches { get; }

    /// <summary>The same in the order in which they are read.</summary>
    public IReadOnlyList<PatchBlock> Blocks { get; }

    /// <summary>Lays the grid.</summary>
    /// <param name="slideWidth">Level-0 pixels.</param>
    /// <param name="slideHeight">Level-0 pixels.</param>
    /// <param name="patchWidth">Level-0 pixels.</param>
    /// <param name="patchHeight">Level-0 pixels.</param>
    /// <param name="wanted">Whether a patch with this centre is wanted.</param>
    public static PatchGrid Over(long slideWidth, long slideHeight, int patchWidth, int patchHeight, Func<Level0Point, bool> wanted)
    {
        var patches = new List<Level0Rect>();
        for (long x = 0; x + (patchWidth / 2) < slideWidth; x += patchWidth)
        {
            for (long y = 0; y + (patchHeight / 2) < slideHeight; y += patchHeight)
            {
                if (wanted(new Level0Point(x + (patchWidth / 2.0), y + (patchHeight / 2.0))))
                    patches.Add(new Level0Rect(x, y, patchWidth, patchHeight));
            }
        }

        long across = Math.Clamp(2 * BlockPixels / patchWidth, 1, Abreast) * (long)patchWidth, down = Math.Max(1, BlockPixels / patchHeight) * (long)patchHeight;
        var blocks = Enumerable.Range(0, patches.Count).GroupBy(i => (Row: (long)patches[i].Y / down, Column: (long)patches[i].X / across))
            .OrderBy(static g => g.Key).Select(g => new PatchBlock([.. g], patches)).ToArray();
        return new PatchGrid(patchWidth, patchHeight, [.. patches], blocks);
    }
}
