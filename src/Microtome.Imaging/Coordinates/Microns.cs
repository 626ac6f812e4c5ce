namespace Microtome.Imaging;

/// <summary>A length in micrometres. A length in pixels does not convert to it without a <see cref="PixelSize"/>.</summary>
/// <param name="Value">The length in um.</param>
public readonly record struct Microns(double Value);
