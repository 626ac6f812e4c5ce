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
    /// <param name="threads">Threads that the network may use in all.</param>
    /// <param name="flips">Mirrored and turned copies whose predictions are averaged: 1, 2, 4 or 8.</param>
    /// <param name="workers">Windows that are predicted at once, each by its share of the threads.</param>
    /// <param name="precision">The arithmetic.</param>
    /// <exception cref="ModelException">There is no such model, its description is damaged, or (when the network is made) its self-test fails.</exception>
    public static NucleusModel Open(string name, string device, int threads, int flips = 1, int workers = 1, NetworkPrecision precision = NetworkPrecision.Auto)
    {
        var folder = ModelFolder.Find(name);
        var config = ModelConfig.Read(folder.Config);
        var postprocessing = config.Postprocessing is { } element ? ModelConfig.Record<NucleusPostprocessingOptions>(element) ?? new() : new();
        var arithmetic = NucleusNetwork.Resolve(precision, config, device, folder);
        return new NucleusModel(config.Name, folder.WeightsHash(), config.Mpp, postprocessing, arithmetic, flips, () =>
        {
            NativeMemory.KeepFreed();
            var network = NucleusNetwork.Open(folder.Location, device, flips, arithmetic);
            if ((network.Precision == NetworkPrecision.Int8 ? config.SelfTestInt8 : config.SelfTest) is not null)
                network.Check();
            return new Lent(network, Math.Max(1, threads / workers), workers);
        });
    }

    /// <summary>The network in the threads that call it: OpenMP keeps a team and its number of threads per calling thread.</summary>
    private sealed class Lent(NucleusNetwork network, int threads, int workers) : ITileNetwork
    {
        private readonly ThreadLocal<bool> prepared = new();

        public string Name => network.Name;

        public double Mpp => network.Mpp;

        public int WindowMultiple => network.WindowMultiple;

        public int Halo => network.Halo;

        public int Channels => network.Channels;

        public int Workers => workers;

        public void Predict(IReadOnlyList<RgbImage> windows, IReadOnlyList<ByteMaps> maps)
        {
            if (!prepared.Value)
                torch.set_num_threads(threads);
            prepared.Value = true;
            network.Predict(windows, maps);
        }

        public void Dispose()
        {
            prepared.Dispose();
            network.Dispose();
        }
    }
}
