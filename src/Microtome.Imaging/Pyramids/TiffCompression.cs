namespace Microtome.Imaging;

/// <summary>How the tiles of a TIFF are stored.</summary>
public enum TiffCompression
{
    /// <summary>As they are.</summary>
    None = 0,

    /// <summary>JPEG: small, loses a little.</summary>
    Jpeg = 1,

    /// <summary>Deflate: exact.</summary>
    Deflate = 2,
}
