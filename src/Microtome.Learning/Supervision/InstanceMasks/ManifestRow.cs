namespace Microtome.Learning.Supervision.InstanceMasks;

/// <summary>A row of a training manifest.</summary>
/// <param name="Image">Path of the picture.</param>
/// <param name="Mask">Path of the instance mask (16-bit or 8-bit labels, 0 is background).</param>
/// <param name="Patient">The patient; a patient lies in one split only.</param>
/// <param name="Split">train, validation or test.</param>
/// <param name="Mpp">Microns per pixel.</param>
/// <param name="Instances">How far instances can be trusted, 0..1: the weight of the distance and contact losses (masks of components may merge touching nuclei).</param>
/// <param name="Weight">How often the picture is drawn, relative to the others of its split.</param>
public sealed record ManifestRow(string Image, string Mask, string Patient, string Split, double Mpp, double Instances, double Weight)
{
    /// <summary>The file name of the picture without its extension.</summary>
    public string Name => Path.GetFileNameWithoutExtension(Image);
}
