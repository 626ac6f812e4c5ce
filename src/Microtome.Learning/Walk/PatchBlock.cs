using Microtome.Imaging;

namespace Microtome.Learning;

/// <summary>Patches that lie together and are read at once.</summary>
public sealed class PatchBlock
{
    internal PatchBlock(int[] patches, IReadOnlyList<Level0Rect> all)
    {
        Patches = patches;
        long left = patches.Min(i => (long)all[i].X), top = patches.Min(i => (long)all[i].Y);
        Area = new LevelRect(0, left, top, (int)(patches.Max(i => (long)all[i].Right) - left), (int)(patches.Max(i => (long)all[i].Bottom) - top));
    }

    /// <summary>Indices into <see cref="PatchGrid.Patches"/>.</summary>
    public IReadOnlyList<int> Patches { get; }

    /// <summary>The smallest rectangle that holds them, level-0 pixels.</summary>
    public LevelRect Area { get; }
}
