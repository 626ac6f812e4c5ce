using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>A slide with its teacher map.</summary>
/// <param name="Name">The slide's name.</param>
/// <param name="Slide">Its path.</param>
/// <param name="Map">The teacher's map; null: it has none.</param>
/// <param name="Group">Cancer type.</param>
/// <param name="Patient">The patient.</param>
/// <param name="Split">train, validation or test.</param>
/// <param name="Mpp">The pixel size that the list states, um; null: the slide's own.</param>
public sealed record SlideListRow(string Name, string Slide, string? Map, string Group, string Patient, string Split, double? Mpp)
{
    /// <summary>Opens the slide.</summary>
    /// <exception cref="SlideException">It cannot be opened.</exception>
    public ISlide Open() => Imaging.Slide.Open(Slide, Mpp is { } size ? new PixelSize(size, size, PixelSizeSource.User) : null);
}
