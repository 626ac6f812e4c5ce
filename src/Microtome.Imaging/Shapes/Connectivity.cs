namespace Microtome.Imaging;

/// <summary>Which neighbours of a pixel touch it.</summary>
public enum Connectivity
{
    /// <summary>Pixels that share an edge.</summary>
    Four,

    /// <summary>Pixels that share an edge or a corner.</summary>
    Eight,
}
