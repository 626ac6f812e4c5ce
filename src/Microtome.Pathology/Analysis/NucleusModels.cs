using Microtome.Imaging;
using Microtome.Learning;
using Microtome.Learning.Models;
using Microtome.Torch;

namespace Microtome.Pathology;

/// <summary>Opens nucleus models for an analysis: reads the description at once, and the weights and libtorch only when they are needed.</summary>
public static class NucleusModels
{
    /// <summary>Opens a model.</summary>
    /// <param name="name">A name under models/ or a folder.</param>
    /// <param name="device">cpu or cuda.</param>
    /// <param name="threads">Threads inside the network.</param>
    /// <param name="flips">Mirrored and turned copies whose predictions are averaged: 1, 2, 4 or 8.</param>
    /// <exception cref="ModelException">There is no such model, its description is damaged, or (when the network is made) its self-test fails.</exception>
    public static NucleusModel Open(string name, string device, int threads, int flips = 1)
    {
        var folder = ModelFolder.Find(name);
        var config = ModelConfig.Read(folder.Config);
        var postprocessing = config.Postprocessing is { } element ? ModelConfig.Record<NucleusPostprocessingOptions>(element) ?? new() : new();
        return new NucleusModel(config.Name, folder.WeightsHash(), config.Mpp, postprocessing, () =>
        {
            NativeMemory.KeepFreed();
            var network = NucleusNetwork.Open(folder.Location, device, flips);
            if (config.SelfTest is not null)
                network.Check();
            return new Lent(network, threads);
        });
    }

    /// <summary>The network in the thread that calls it: OpenMP keeps its team and its number of threads per calling thread.</summary>
    private sealed class Lent(NucleusNetwork network, int threads) : ITileNetwork
    {
        private int caller = -1;

        public string Name => network.Name;

        public double Mpp => network.Mpp;

        public int WindowMultiple => network.WindowMultiple;

        public int Halo => network.Halo;

        public int Channels => network.Channels;

        public void Predict(IReadOnlyList<RgbImage> windows, IReadOnlyList<ByteMaps> maps)
        {
            if (caller != Environment.CurrentManagedThreadId)
                torch.set_num_threads(threads);
            caller = Environment.CurrentManagedThreadId;
            network.Predict(windows, maps);
        }

        public void Dispose() => network.Dispose();
    }
}
