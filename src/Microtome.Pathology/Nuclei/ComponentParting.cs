namespace Microtome.Pathology;

/// <summary>How labels that may hold several nuclei are parted before training.</summary>
public enum ComponentParting
{
    /// <summary>By the label's own distance transform.</summary>
    Shape,

    /// <summary>By the maps of the network that training starts from.</summary>
    Start,
}
