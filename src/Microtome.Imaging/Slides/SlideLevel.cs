namespace Microtome.Imaging;

/// <summary>One level of the pyramid.</summary>
/// <param name="Width">Width in pixels of this level.</param>
/// <param name="Height">Height in pixels of this level.</param>
/// <param name="Downsample">Level-0 pixels per pixel of this level, exact from the sizes.</param>
public readonly record struct SlideLevel(long Width, long Height, double Downsample);
