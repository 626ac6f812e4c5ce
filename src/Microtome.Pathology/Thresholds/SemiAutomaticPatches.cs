using System.Globalization;
using Microtome.Imaging;
using Microtome.Learning.Supervision.Thresholds;

namespace Microtome.Pathology;

/// <summary>
/// Cuts patches that teacher maps label (til-thresholds, section 3.2): a number of tissue pixels a slide, uniformly; the label is the map's. They inherit the teacher's smoothing and
/// removal of necrosis (trap 4). Files that are there already are not cut again.
/// </summary>
public sealed record SemiAutomaticPatches
{
    /// <summary>The folder that receives the files.</summary>
    public required string Folder { get; init; }

    /// <summary>Patches a slide.</summary>
    public int PerSlide { get; init; } = 20;

    /// <summary>Side of a patch in pixels of its resolution; files are three times as wide.</summary>
    public int Pixels { get; init; } = 100;

    /// <summary>The sliders.</summary>
    public ThresholdTable Thresholds { get; init; } = ThresholdTable.Empty;

    /// <summary>Where the grid of PNG maps begins, level-0 pixels.</summary>
    public double PngOrigin { get; init; } = MapGrid.PublishedOrigin;

    /// <summary>The class of CSV maps with several.</summary>
    public string? PositiveClass { get; init; }

    /// <summary>Seed of the choice.</summary>
    public int Seed { get; init; }

    /// <summary>Cuts the patches of a slide.</summary>
    /// <exception cref="SlideException">The slide has no map, or slide or map cannot be read.</exception>
    public IReadOnlyList<SuperPatch> Cut(SlideListRow row)
    {
        if (row.Map is null)
            throw new SlideException($"{row.Name} has no map: name one in the column 'map', or train with --labels manual.");
        using var slide = row.Open();
        var teacher = TeacherSlide.Read(row.Map, Thresholds.Of(row.Name), slide, PngOrigin, PositiveClass);
        var patches = new List<SuperPatch>();
        foreach (var (x, y) in teacher.Map.Choose(PerSlide, unchecked(Seed + (int)Hash(row.Name))))
        {
            var region = teacher.Grid.SuperPatch(x, y);
            int label = teacher.Map.States[x, y] == TeacherState.Til ? 1 : 0;
            string name = new PatchFileName(row.Name, region.X, region.Y, x, y, region.Width, label).ToString();
            string path = Path.Combine(Folder, name);
            if (!File.Exists(path))
                ImageFile.WritePng(path, Read(slide, region));
            patches.Add(new SuperPatch(name, () => ImageFile.ReadRgb(path), label, row.Patient, row.Name, row.Group));
        }

        return patches;
    }

    // From level 0, then to the patch's resolution: one rounding, that of the rectangle.
    private RgbImage Read(ISlide slide, Level0Rect region)
    {
        if (region.Width > 1 << 13 || region.Height > 1 << 13)
            throw new SlideException(string.Create(CultureInfo.InvariantCulture, $"{slide.Name}: a patch and its rim would have {region.Width} x {region.Height} px. Is the map's grid in order?"));
        var source = slide.ReadRegion(new LevelRect(0, region.X, region.Y, (int)region.Width, (int)region.Height));
        var picture = new RgbImage(3 * Pixels, 3 * Pixels);
        AntialiasedResize.Resize(source, picture);
        return picture;
    }

    // FNV-1a: a slide keeps its choice whatever else the list holds.
    private static uint Hash(string name)
    {
        uint hash = 2166136261;
        foreach (char c in name)
            hash = (hash ^ c) * 16777619;
        return hash;
    }
}
