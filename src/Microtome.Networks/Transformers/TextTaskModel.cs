using Microtome.Torch;
using Microtome.Torch.Modules;
using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Networks;

/// <summary>
/// A text model with a head for a task (arXiv 1810.04805, 4): classes or a number from the first token through a dense layer and tanh, or the start and end of an answer from every token.
/// </summary>
public sealed class TextTaskModel : Module
{
    private readonly TextModel text;
    private readonly Linear? pooler;
    private readonly Linear head;
    private readonly double dropout;

    /// <summary>Puts a fresh head on a model, which it takes over.</summary>
    /// <param name="text">The pretrained model.</param>
    /// <param name="outputs">Classes, or 1 for a number; 2 for spans.</param>
    /// <param name="spans">Whether every token gets the outputs (start and end of an answer).</param>
    /// <param name="dropout">Before the head, while training.</param>
    public TextTaskModel(TextModel text, int outputs, bool spans, double dropout = 0.1)
        : base(nameof(TextTaskModel))
    {
        (this.text, this.dropout) = (text, dropout);
        int width = text.Transformer.Options.Width;
        pooler = spans ? null : Linear(width, width);
        head = Linear(width, outputs);
        RegisterComponents();
        foreach (var part in new[] { pooler, head }.OfType<Linear>())
            Transformer.Initialize(part, text.Transformer.Options.InitialDeviation);
    }

    /// <summary>The text model.</summary>
    public TextModel Text => text;

    /// <summary>[B, outputs], or [B, T, outputs] for spans.</summary>
    /// <param name="input">Tokens [B, T].</param>
    /// <param name="present">[B, T]: 0 after the end of a text.</param>
    /// <param name="segment">[B, T], or null.</param>
    public Tensor forward(Tensor input, Tensor present, Tensor? segment)
    {
        using var scope = NewDisposeScope();
        var x = text.Encode(input, present, text.Transformer.Options.SegmentKinds > 0 ? segment : null);
        if (pooler is not null)
            x = pooler.forward(text.Transformer.Options.Causal ? LastOf(x, present) : x.select(1, 0)).tanh();
        if (training && dropout > 0)
            x = functional.dropout(x, dropout);
        return head.forward(x).MoveToOuterDisposeScope();
    }

    // A causal model has read the whole text at its last token only.
    private static Tensor LastOf(Tensor vectors, Tensor present)
    {
        var last = (present.sum(1L) - 1).to(ScalarType.Int64).reshape(-1, 1, 1).expand(vectors.size(0), 1, vectors.size(2));
        return vectors.gather(1, last).squeeze(1);
    }
}
