using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microtome.Torch;
using Microtome.Torch.Modules;
using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Networks;

/// <summary>
/// A trained <see cref="UNet"/> in 8-bit arithmetic: pixels go in as bytes, probabilities come out as bytes, and nothing in between is a float. Three to
/// four times as fast as float32 on processors that multiply bytes (VNNI). Sums are exact, so results do not depend on threads.
/// </summary>
public sealed class QuantizedUNet : IDisposable
{
    // In the order of preference. On x86 all of them need VNNI to sum without overflow.
    private static readonly string[] engines = ["onednn", "x86", "fbgemm"];

    private readonly UNetOptions options;
    private readonly ActivationRanges ranges;
    private readonly Dictionary<string, QuantizedConv2d> convolutions = new(StringComparer.Ordinal);
    private readonly byte[] probability = new byte[256];

    /// <summary>Quantizes the weights of a folded network.</summary>
    /// <exception cref="PlatformNotSupportedException">This processor or this libtorch cannot.</exception>
    /// <exception cref="KeyNotFoundException">The ranges belong to another network.</exception>
    public QuantizedUNet(UNet network, ActivationRanges ranges)
    {
        var engine = Array.Find(engines, backends.quantized.is_supported);
        if (!IsSupported || engine is null)
            throw new PlatformNotSupportedException("8-bit networks need a processor with VNNI and a libtorch with quantized convolutions. Use --precision float32.");
        options = network.Options;
        this.ranges = ranges;
        backends.quantized.set_engine(engine);
        foreach (var (name, weight, bias) in network.Convolutions())
        {
            var (scale, zero) = ranges.StepOf(name);
            var relu = name.StartsWith("encoder", StringComparison.Ordinal) || name.StartsWith("decoder", StringComparison.Ordinal);
            convolutions.Add(name, new QuantizedConv2d(weight, bias, (weight.shape[2] - 1) / 2, relu, scale, zero));
        }

        var (step, origin) = ranges.StepOf("head");
        for (var i = 0; i < probability.Length; i++)
            probability[i] = (byte)Math.Round(255 / (1 + Math.Exp(-(i - origin) * step)));
    }

    /// <summary>True where the processor multiplies bytes without overflow. Does not load libtorch.</summary>
    public static bool IsSupported => Processor.MultipliesBytes;

    /// <summary>Predicts one picture.</summary>
    /// <param name="pixels">[height, width, input channels], bytes.</param>
    /// <param name="width">A multiple of <see cref="UNetOptions.Stride"/>.</param>
    /// <param name="height">A multiple of <see cref="UNetOptions.Stride"/>.</param>
    /// <param name="symmetry">Which of the eight symmetries of a square the network sees: bit 0 mirrors along x, bit 1 along y, bit 2 transposes.</param>
    /// <param name="maps">[output channels, height, width]: receives probabilities times 255.</param>
    /// <exception cref="ArgumentException">The sizes do not fit.</exception>
    public void Predict(ReadOnlySpan<byte> pixels, int width, int height, int symmetry, Span<byte> maps)
    {
        if (width % options.Stride != 0 || height % options.Stride != 0)
            throw new ArgumentException($"A picture of {width} x {height} px: both sides must be multiples of {options.Stride}.");
        if (pixels.Length != width * height * options.InputChannels || maps.Length != width * height * options.OutputChannels)
            throw new ArgumentException($"A picture of {width} x {height} px has {pixels.Length} bytes and its maps {maps.Length}: {options.InputChannels} and {options.OutputChannels} a pixel are needed.");
        using var scope = NewDisposeScope();
        using var inference = inference_mode();
        var seen = new SymmetricView(width, height, symmetry);
        var x = Input(pixels, seen);
        var skips = new Stack<Tensor>();
        var levels = options.Widths.Count;
        for (var level = 0; level < levels; level++)
        {
            for (var i = 0; i < options.EncoderConvolutions; i++)
                x = convolutions[$"encoder.{level}.{i}"].forward(x);
            if (level == levels - 1)
                break;
            skips.Push(x);
            x = functional.max_pool2d(x, 2);
        }

        for (var step = 0; step < levels - 1; step++)
        {
            var across = functional.interpolate(convolutions[$"lateral.{step}"].forward(x), scale_factor: [2, 2], mode: InterpolationMode.Nearest);
            var (scale, zero) = ranges.StepOf($"sum.{step}");
            x = quantized_add(across, skips.Pop(), scale, zero);
            for (var i = 0; i < options.DecoderConvolutions; i++)
                x = convolutions[$"decoder.{step}.{i}"].forward(x);
        }

        Output(convolutions["head"].forward(x).contiguous(MemoryFormat.ChannelsLast), seen, maps);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var convolution in convolutions.Values)
            convolution.Dispose();
    }

    /// <summary>Pixel unshuffle: [H, W, C] to [1, C f f, H / f, W / f], channels last. Bytes are 255ths already.</summary>
    private Tensor Input(ReadOnlySpan<byte> pixels, SymmetricView seen)
    {
        var (fold, channels) = (options.StemFactor, options.InputChannels);
        var folded = _empty_affine_quantized([1, channels * fold * fold, seen.Height / fold, seen.Width / fold], 1.0 / 255, 0, memory_format: MemoryFormat.ChannelsLast);
        // Without bound checks: this loop and the one below touch every byte of the slide. The sizes were checked by Predict.
        ref var target = ref MemoryMarshal.GetReference(folded.AsMemorySpan<byte>());
        ref var source = ref MemoryMarshal.GetReference(pixels);
        var (right, down) = (seen.StepX * channels, seen.StepY * channels);
        for (var y = 0; y < seen.Height; y += fold)
        {
            var row = seen.Place(0, y) * channels;
            for (var x = 0; x < seen.Width; x += fold, row += fold * right)
            {
                for (var channel = 0; channel < channels; channel++)
                {
                    for (var v = 0; v < fold; v++)
                    {
                        var from = row + channel + (v * down);
                        for (var u = 0; u < fold; u++, from += right)
                        {
                            target = Unsafe.Add(ref source, from);
                            target = ref Unsafe.Add(ref target, 1);
                        }
                    }
                }
            }
        }

        return folded;
    }

    /// <summary>Sigmoid and pixel shuffle: [1, C f f, H / f, W / f] to [C, H, W].</summary>
    private void Output(Tensor logits, SymmetricView seen, Span<byte> maps)
    {
        var (fold, channels) = (options.StemFactor, options.OutputChannels);
        ref var source = ref MemoryMarshal.GetReference(logits.AsMemorySpan<byte>());
        ref var target = ref MemoryMarshal.GetReference(maps);
        ref var table = ref MemoryMarshal.GetArrayDataReference(probability);
        var area = seen.Width * seen.Height;
        var (right, down) = (seen.StepX, seen.StepY);
        for (var y = 0; y < seen.Height; y += fold)
        {
            var row = seen.Place(0, y);
            for (var x = 0; x < seen.Width; x += fold, row += fold * right)
            {
                for (var channel = 0; channel < channels; channel++)
                {
                    for (var v = 0; v < fold; v++)
                    {
                        var to = row + (channel * area) + (v * down);
                        for (var u = 0; u < fold; u++, to += right)
                        {
                            Unsafe.Add(ref target, to) = Unsafe.Add(ref table, source);
                            source = ref Unsafe.Add(ref source, 1);
                        }
                    }
                }
            }
        }
    }

    /// <summary>A picture mirrored or transposed without moving it.</summary>
    private readonly struct SymmetricView
    {
        private readonly int origin;

        public SymmetricView(int width, int height, int symmetry)
        {
            var (mirrorX, mirrorY) = ((symmetry & 1) != 0, (symmetry & 2) != 0);
            origin = (mirrorX ? width - 1 : 0) + (mirrorY ? (height - 1) * width : 0);
            (StepX, StepY) = (mirrorX ? -1 : 1, mirrorY ? -width : width);
            (Width, Height) = (width, height);
            if ((symmetry & 4) == 0)
                return;
            (StepX, StepY) = (StepY, StepX);
            (Width, Height) = (height, width);
        }

        public int Width { get; }

        public int Height { get; }

        /// <summary>Places from a pixel to its right neighbour, as the network sees it.</summary>
        public int StepX { get; }

        /// <summary>Places from a pixel to the one below.</summary>
        public int StepY { get; }

        public int Place(int x, int y) => origin + (x * StepX) + (y * StepY);
    }
}
