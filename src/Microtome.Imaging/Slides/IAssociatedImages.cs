namespace Microtome.Imaging;

/// <summary>A slide that carries small pictures beside the scan: label, macro, thumbnail.</summary>
public interface IAssociatedImages
{
    /// <summary>Their names.</summary>
    IReadOnlyList<string> AssociatedImages { get; }

    /// <summary>Reads one of them.</summary>
    /// <exception cref="SlideException">There is none of that name, or it is damaged.</exception>
    RgbImage ReadAssociatedImage(string name);
}
