using Microtome.Imaging;
using Microtome.Learning.Models;
using Microtome.Learning.Supervision.InstanceMasks;
using Microtome.Networks;
using Microtome.Torch;
using static Microtome.Torch.torch;

namespace Microtome.Pathology;

/// <summary>Prepares a trained nucleus model for 8-bit arithmetic: measures the range of every intermediate result and records a self-test of its own.</summary>
public static class NucleusQuantization
{
    private const int Batches = 4;
    private const int Crops = 8;
    private const int CropSize = 256;

    // Whole numbers throughout: the same engine gives the same bytes. Another one may round the last step of a convolution differently.
    private const double SelfTestTolerance = 0.05;

    /// <summary>Measures on augmented crops of the training pictures, so that pale, dark and blurred tissue fit into the ranges, and writes config.json.</summary>
    /// <param name="model">A name under models/ or a folder.</param>
    /// <param name="images">Training pictures.</param>
    /// <param name="augmentation">How crops vary.</param>
    /// <param name="seed">Of the crops.</param>
    /// <exception cref="ModelException">It is not a nucleus model.</exception>
    public static void Run(string model, IReadOnlyList<TrainingImage> images, AugmentationOptions augmentation, int seed)
    {
        var folder = ModelFolder.Find(model);
        var config = ModelConfig.Read(folder.Config) with { Activations = null, SelfTestInt8 = null };
        using (var network = new UNet(config.Network))
        {
            network.load(folder.Weights);
            network.eval();
            network.Fold();
            using var crops = new CropSource(images, augmentation, CropSize, Crops, seed, 0);
            config = config with { Activations = ActivationRanges.Measure(network, Enumerable.Range(0, Batches).Select(_ => Pictures(crops.Next()))) };
        }

        AtomicFile.WriteAllText(folder.Config, config.ToJson());
        if (!QuantizedUNet.IsSupported)
            return;
        using (var quantized = NucleusNetwork.Open(folder.Location, precision: NetworkPrecision.Int8))
            config = config with { SelfTestInt8 = new ModelSelfTest(quantized.Answer(), SelfTestTolerance) };
        AtomicFile.WriteAllText(folder.Config, config.ToJson());
    }

    private static Tensor Pictures(CropBatch batch) => tensor(batch.Pictures, [batch.Count, 3, batch.Size, batch.Size]).contiguous(MemoryFormat.ChannelsLast);
}
