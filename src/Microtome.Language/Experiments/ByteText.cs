using Microtome.Learning.Supervision;
using Microtome.Networks;

namespace Microtome.Language;

/// <summary>A short text as bytes: the last tenth is held out, a batch is windows at places that follow from seed and step alone. For trials that need no tokenizer.</summary>
public sealed class ByteText : ITextSource
{
    /// <summary>The token that stands for what is hidden.</summary>
    public const int Mask = 256;

    /// <summary>Bytes and the mask.</summary>
    public const int Vocabulary = 257;

    private const double MaskedPart = 0.15;
    private const int HeldOutRows = 32;
    private readonly byte[] training;
    private readonly byte[] heldOut;
    private readonly int batch;
    private readonly int length;
    private readonly int seed;
    private readonly int heldOutWindows;
    private readonly TextOutput output;

    /// <summary>Divides a text.</summary>
    /// <param name="text">The bytes.</param>
    /// <param name="output">The next byte, or masked ones (15 %, of these 80 % masked, 10 % another byte, 10 % as they are; arXiv 1810.04805).</param>
    /// <param name="batch">Windows a step.</param>
    /// <param name="length">Bytes a window.</param>
    /// <param name="seed">Of places and masks.</param>
    /// <param name="heldOutWindows">Windows of the held-out part that are used, from its start.</param>
    public ByteText(ReadOnlyMemory<byte> text, TextOutput output, int batch, int length, int seed, int heldOutWindows = 512)
    {
        int cut = text.Length - (text.Length / 10);
        (training, heldOut) = (text[..cut].ToArray(), text[cut..].ToArray());
        if (heldOut.Length <= length)
            throw new TextException($"A text of {text.Length} bytes is too short: its last tenth must hold a window of {length}.");
        (this.output, this.batch, this.length, this.seed, this.heldOutWindows) = (output, batch, length, seed, heldOutWindows);
    }

    /// <inheritdoc/>
    public TextBatch Training(long step)
    {
        var random = new Random(StepSeed.Of(seed, step, 0));
        return Make(training, [.. Enumerable.Range(0, batch).Select(_ => random.Next(training.Length - length))], random);
    }

    /// <inheritdoc/>
    public IEnumerable<TextBatch> HeldOut()
    {
        int windows = Math.Min(heldOutWindows, (heldOut.Length - 1) / length);
        for (int first = 0; first < windows; first += HeldOutRows)
            yield return Make(heldOut, [.. Enumerable.Range(first, Math.Min(HeldOutRows, windows - first)).Select(w => w * length)], new Random(StepSeed.Of(1, first, 1)));
    }

    private TextBatch Make(byte[] from, int[] places, Random random)
    {
        var made = new TextBatch(places.Length, length, length, hasDecoder: false);
        long[] inputs = made.Inputs, targets = made.Targets;
        for (int row = 0; row < places.Length; row++)
        {
            for (int i = 0; i < length; i++)
            {
                int at = (row * length) + i;
                long value = from[places[row] + i];
                if (output == TextOutput.NextToken)
                {
                    (inputs[at], targets[at]) = (value, from[places[row] + i + 1]);
                    continue;
                }

                bool chosen = random.NextDouble() < MaskedPart;
                double how = random.NextDouble();
                targets[at] = chosen ? value : -100;
                inputs[at] = !chosen || how >= 0.9 ? value : how < 0.8 ? Mask : random.Next(256);
            }
        }

        return made;
    }
}
