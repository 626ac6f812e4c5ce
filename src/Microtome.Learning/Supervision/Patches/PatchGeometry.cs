namespace Microtome.Learning.Supervision.Patches;

/// <summary>The patch that a classifier judges.</summary>
/// <param name="Pixels">Side of the patch in pixels of <paramref name="Spacing"/>.</param>
/// <param name="Spacing">Microns per pixel.</param>
/// <param name="Input">Side of the network's input, pixels: the patch is resized to it.</param>
public sealed record PatchGeometry(int Pixels, double Spacing, int Input)
{
    /// <summary>Side of the patch, um.</summary>
    public double Microns => Pixels * Spacing;

    /// <summary>Side of the patch in pixels of a picture.</summary>
    public double SideAt(double mpp) => Microns / mpp;
}
