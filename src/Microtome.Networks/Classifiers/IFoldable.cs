namespace Microtome.Networks;

/// <summary>A network with a faster form for inference.</summary>
public interface IFoldable
{
    /// <summary>
    /// Goes over to inference (eval mode): batch norms become part of the convolutions before them, weights lie channels-last. Afterwards the network no
    /// longer follows changes of its parameters, so load the weights and choose the device first. A second call folds the present parameters anew.
    /// </summary>
    void Fold();
}
