using Microtome.Imaging;

namespace Microtome.Learning;

/// <summary>
/// A network as the walk sees it: RGB windows in, 8-bit maps out. Probabilities are quantised right after the network: a 255th is
/// finer than any network's calibration, it makes results indifferent to the last bit of a float, and the maps take a quarter of the room.
/// The walk calls it from <see cref="Workers"/> threads at once.
/// </summary>
public interface ITileNetwork : IDisposable
{
    /// <summary>The name of the model, as in <c>models/</c>.</summary>
    string Name { get; }

    /// <summary>The pixel size that the network was trained at, um per pixel.</summary>
    double Mpp { get; }

    /// <summary>Both sides of a window, and its origin on the grid, are multiples of this.</summary>
    int WindowMultiple { get; }

    /// <summary>Grid pixels at each side of a window whose maps are not used, because the network lacks context there.</summary>
    int Halo { get; }

    /// <summary>Maps per window.</summary>
    int Channels { get; }

    /// <summary>
    /// Threads that may call <see cref="Predict"/> at once. On a CPU several windows with one thread each beat one window with several: nobody waits
    /// for the slowest thread of a layer, and the readers' share of the cores does not stall the rest.
    /// </summary>
    int Workers => 1;

    /// <summary>Runs the network.</summary>
    /// <param name="windows">Windows of equal size.</param>
    /// <param name="maps">As many maps, of the same size and <see cref="Channels"/> channels; receives value x 255, rounded.</param>
    void Predict(IReadOnlyList<RgbImage> windows, IReadOnlyList<ByteMaps> maps);
}
