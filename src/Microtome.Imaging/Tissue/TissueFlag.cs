namespace Microtome.Imaging;

/// <summary>Something about a slide that a person should know: pen marks, folds, blur.</summary>
/// <param name="Share">The share of what was looked at: pen, of the slide; folds, of the tissue; blur, of the sampled places.</param>
/// <param name="Mask">Where, on the grid of the tissue mask.</param>
public sealed record TissueFlag(double Share, Raster<byte> Mask);
