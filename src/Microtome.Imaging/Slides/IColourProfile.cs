namespace Microtome.Imaging;

/// <summary>A slide that carries an ICC profile. Pixels are given as stored; the profile says what they mean.</summary>
public interface IColourProfile
{
    /// <summary>The profile's bytes, or null.</summary>
    byte[]? IccProfile { get; }
}
