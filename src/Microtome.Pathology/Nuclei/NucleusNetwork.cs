using Microtome.Imaging;
using Microtome.Learning;
using Microtome.Learning.Models;
using Microtome.Networks;
using Microtome.Torch;
using static Microtome.Torch.torch;

namespace Microtome.Pathology;

/// <summary>The trained nucleus network: RGB windows in; foreground, distance and contact maps out.</summary>
public sealed class NucleusNetwork : ITileNetwork
{
    /// <summary>The output channels, in order.</summary>
    public static readonly IReadOnlyList<string> Outputs = ["foreground", "distance", "contact"];

    private readonly UNet network;
    private readonly Device device;

    private readonly QuantizedUNet? quantized;

    private NucleusNetwork(ModelFolder folder, ModelConfig config, UNet network, QuantizedUNet? quantized, Device device, int flips)
    {
        this.quantized = quantized;
        Folder = folder;
        Config = config;
        this.network = network;
        this.device = device;
        Flips = flips;
        Postprocessing = config.Postprocessing is { } element ? ModelConfig.Record<NucleusPostprocessingOptions>(element) ?? new() : new();
    }

    /// <summary>Where it was read.</summary>
    public ModelFolder Folder { get; }

    /// <summary>Its description.</summary>
    public ModelConfig Config { get; }

    /// <summary>How its maps become nuclei.</summary>
    public NucleusPostprocessingOptions Postprocessing { get; }

    /// <summary>Mirrored and turned copies of each window whose predictions are averaged: 1, 2, 4 or 8.</summary>
    public int Flips { get; }

    /// <summary>The arithmetic in use.</summary>
    public NetworkPrecision Precision => quantized is null ? NetworkPrecision.Float32 : NetworkPrecision.Int8;

    /// <inheritdoc/>
    public string Name => Config.Name;

    /// <inheritdoc/>
    public double Mpp => Config.Mpp;

    /// <inheritdoc/>
    public int WindowMultiple => network.Options.Stride;

    /// <summary>
    /// 64 pixels (16 um), or the receptive radius where that is smaller. Beyond 64 pixels a change moves 5 of 262,144 pixels across the foreground threshold
    /// (docs/methods/nuclei.md); the whole receptive radius would cost a fifth more. The blocks of the walk are fixed to the slide, so what is left
    /// does not depend on tiles either.
    /// </summary>
    public int Halo => Math.Min(network.Options.ReceptiveRadius, 64);

    /// <inheritdoc/>
    public int Channels => network.Options.OutputChannels;

    /// <summary>Opens a model.</summary>
    /// <param name="model">A name under models/ or the path of a folder.</param>
    /// <param name="deviceName">cpu or cuda.</param>
    /// <param name="flips">1, 2, 4 or 8.</param>
    /// <param name="precision">The arithmetic.</param>
    /// <exception cref="ModelException">It is not a nucleus model, its files are damaged, or it was never measured for 8 bits.</exception>
    /// <exception cref="UsageException">8 bits were asked for and this machine cannot.</exception>
    public static NucleusNetwork Open(string model, string deviceName = "cpu", int flips = 1, NetworkPrecision precision = NetworkPrecision.Auto)
    {
        if (flips is not (1 or 2 or 4 or 8))
            throw new UsageException($"--flips {flips}: give 1, 2, 4 or 8.");
        var folder = ModelFolder.Find(model);
        var config = ModelConfig.Read(folder.Config);
        if (!string.Equals(config.Task, "nuclei", StringComparison.Ordinal) || !config.Outputs.SequenceEqual(Outputs, StringComparer.Ordinal))
            throw new ModelException($"{folder.Config}: a model for '{config.Task}' with outputs {string.Join(", ", config.Outputs)}; a nucleus model has {string.Join(", ", Outputs)}.");
        var where = torch.device(deviceName);
        var unet = new UNet(config.Network);
        unet.load(folder.Weights);
        unet.eval();
        unet.to(where);
        unet.Fold();
        var bytes = Resolve(precision, config, deviceName, folder) == NetworkPrecision.Int8 ? Quantize(unet, config, folder) : null;
        return new NucleusNetwork(folder, config, unet, bytes, where, flips);
    }

    /// <summary>The arithmetic that <see cref="NetworkPrecision.Auto"/> stands for.</summary>
    /// <exception cref="ModelException">8 bits were asked for and the model was never measured for them.</exception>
    /// <exception cref="UsageException">8 bits were asked for and this machine or device cannot.</exception>
    public static NetworkPrecision Resolve(NetworkPrecision precision, ModelConfig config, string deviceName, ModelFolder folder)
    {
        var able = string.Equals(deviceName, "cpu", StringComparison.Ordinal) && QuantizedUNet.IsSupported;
        if (precision != NetworkPrecision.Int8)
            return precision == NetworkPrecision.Auto && able && config.Activations is not null ? NetworkPrecision.Int8 : NetworkPrecision.Float32;
        if (!able)
            throw new UsageException("--precision int8 needs the CPU, a processor with VNNI and a libtorch with quantized convolutions, and this machine lacks one of them. Use --precision float32.");
        if (config.Activations is null)
            throw new ModelException($"{folder.Config}: the ranges of the intermediate results are missing, so the network cannot run in 8 bits. Run 'microtome models quantize', or use --precision float32.");
        return precision;
    }

    /// <inheritdoc/>
    public void Predict(IReadOnlyList<RgbImage> windows, IReadOnlyList<ByteMaps> maps)
    {
        if (quantized is not null)
        {
            for (var i = 0; i < windows.Count; i++)
                PredictBytes(windows[i], maps[i].Samples);
            return;
        }

        using var scope = NewDisposeScope();
        using var inference = inference_mode();
        var (width, height) = (windows[0].Width, windows[0].Height);
        var pixels = new byte[windows.Count * width * height * 3];
        for (var i = 0; i < windows.Count; i++)
            windows[i].Pixels.CopyTo(pixels.AsSpan(i * width * height * 3));
        // Interleaved pixels are channels-last already: the permutation moves nothing.
        var input = tensor(pixels, [windows.Count, height, width, 3]).to(device).permute(0, 3, 1, 2).to(ScalarType.Float32).div_(255);
        var bytes = Averaged(input).mul_(255).round_().to(ScalarType.Byte).contiguous().cpu();
        var samples = new byte[windows.Count * Channels * width * height];
        bytes.CopyTo(samples);
        for (var i = 0; i < windows.Count; i++)
            samples.AsSpan(i * maps[i].Samples.Length, maps[i].Samples.Length).CopyTo(maps[i].Samples);
    }

    /// <summary>Probabilities [N, 3, H, W] of pictures [N, 3, H, W] in 0..1.</summary>
    public Tensor Forward(Tensor pictures) => network.forward(pictures).sigmoid_();

    /// <summary>The answer to the self-test's picture, in the arithmetic in use.</summary>
    public IReadOnlyList<double> Answer()
    {
        if (quantized is not null)
        {
            var bytes = new byte[Channels * ModelSelfTest.Side * ModelSelfTest.Side];
            quantized.Predict(ModelSelfTest.Picture().Pixels, ModelSelfTest.Side, ModelSelfTest.Side, 0, bytes);
            return [.. Enumerable.Range(0, ModelSelfTest.Count).Select(i => Math.Round(bytes[(int)((long)i * bytes.Length / ModelSelfTest.Count)] / 255.0, 6))];
        }

        using var scope = NewDisposeScope();
        using var inference = inference_mode();
        const int Side = ModelSelfTest.Side;
        var input = tensor(ModelSelfTest.Picture().Pixels, [1, Side, Side, 3]).to(device).permute(0, 3, 1, 2).to(ScalarType.Float32).div_(255);
        var output = new float[Channels * Side * Side];
        Forward(input).contiguous().cpu().CopyTo(output);
        return [.. Enumerable.Range(0, ModelSelfTest.Count).Select(i => Math.Round(output[(int)((long)i * output.Length / ModelSelfTest.Count)], 6))];
    }

    /// <summary>Runs the self-test.</summary>
    /// <exception cref="ModelException">The model answers something else than when it was made, or has no self-test.</exception>
    public void Check()
    {
        if ((quantized is null ? Config.SelfTest : Config.SelfTestInt8) is not { } test)
            throw new ModelException($"{Folder.Config}: the model has no self-test, so nobody can tell whether it still answers as it should. Train or export it again.");
        var difference = test.LargestDifference(Answer());
        if (!(difference <= test.Tolerance))
        {
            throw new ModelException(
                $"{Folder.Location}: the self-test differs by {difference:G3} (at most {test.Tolerance:G3}). The weights or the engine are not those it was made with: restore the folder, or run 'microtome doctor'.");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        quantized?.Dispose();
        network.Dispose();
    }

    private static QuantizedUNet Quantize(UNet network, ModelConfig config, ModelFolder folder)
    {
        try
        {
            return new QuantizedUNet(network, config.Activations!);
        }
        catch (PlatformNotSupportedException exception)
        {
            throw new UsageException(exception.Message, exception);
        }
        catch (KeyNotFoundException exception)
        {
            throw new ModelException($"{folder.Config}: the ranges for 8-bit arithmetic belong to another network ({exception.Message}). Run 'microtome models quantize', or use --precision float32.", exception);
        }
    }

    private void PredictBytes(RgbImage window, Span<byte> maps)
    {
        if (Flips == 1)
        {
            quantized!.Predict(window.Pixels, window.Width, window.Height, 0, maps);
            return;
        }

        var sums = new ushort[maps.Length];
        for (var symmetry = 0; symmetry < Flips; symmetry++)
        {
            quantized!.Predict(window.Pixels, window.Width, window.Height, symmetry, maps);
            for (var i = 0; i < sums.Length; i++)
                sums[i] += maps[i];
        }

        for (var i = 0; i < sums.Length; i++)
            maps[i] = (byte)((sums[i] + (Flips / 2)) / Flips);
    }

    private Tensor Averaged(Tensor input)
    {
        var sum = Forward(input);
        for (var i = 1; i < Flips; i++)
        {
            // The eight symmetries of a square: mirror along x, along y, transpose.
            using var scope = NewDisposeScope();
            var turned = Turn(input, i);
            var back = Turn(Forward(turned.contiguous(MemoryFormat.ChannelsLast)), i, inverse: true);
            sum.add_(back);
        }

        return Flips == 1 ? sum : sum.div_(Flips);
    }

    private static Tensor Turn(Tensor picture, int symmetry, bool inverse = false)
    {
        var result = picture;
        if (inverse && (symmetry & 4) != 0)
            result = result.transpose(2, 3);
        if ((symmetry & 1) != 0)
            result = result.flip(3);
        if ((symmetry & 2) != 0)
            result = result.flip(2);
        if (!inverse && (symmetry & 4) != 0)
            result = result.transpose(2, 3);
        return result;
    }
}
