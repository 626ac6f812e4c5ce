using Microtome.Torch;
using Microtome.Torch.Modules;
using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Networks;

/// <summary>Embeddings, a <see cref="Transformer"/> and a head over the vocabulary. Tokens [B, T] in, logits [B, T, V] out.</summary>
public sealed class TextModel : Module
{
    private readonly TransformerOptions options;
    private readonly Embedding tokens;
    private readonly Embedding? places;
    private readonly Embedding? segments;
    private readonly Module<Tensor, Tensor>? embedding_norm;
    private readonly Transformer transformer;
    private readonly Linear? head_dense;
    private readonly Module<Tensor, Tensor>? head_norm;
    private readonly Parameter? head_bias;
    private readonly Linear? vocabulary;

    /// <summary>Builds the model with fresh weights from the current seed.</summary>
    /// <exception cref="ArgumentException">The options contradict each other.</exception>
    public TextModel(TransformerOptions options, TextOutput output)
        : base(nameof(TextModel))
    {
        this.options = options;
        Output = output;
        transformer = new Transformer(options);
        tokens = Embedding(options.Vocabulary, options.Width);
        places = options.Positions == PositionKind.Learned ? Embedding(options.MaxLength, options.Width) : null;
        segments = options.SegmentKinds > 0 ? Embedding(options.SegmentKinds, options.Width) : null;
        embedding_norm = options.NormalizeEmbeddings ? TransformerLayer.Norm(options) : null;
        if (output == TextOutput.MaskedToken)
        {
            head_dense = Linear(options.Width, options.Width);
            head_norm = TransformerLayer.Norm(options);
            using var scope = NewDisposeScope();
            head_bias = new Parameter(zeros([options.Vocabulary]));
        }

        vocabulary = options.TieEmbeddings ? null : Linear(options.Width, options.Vocabulary, hasBias: false);
        RegisterComponents();
        foreach (var part in new Module?[] { tokens, places, segments, head_dense, vocabulary }.OfType<Module>())
            Transformer.Initialize(part, options.InitialDeviation);
    }

    /// <summary>What it predicts.</summary>
    public TextOutput Output { get; }

    /// <summary>Its layers and their options.</summary>
    public Transformer Transformer => transformer;

    /// <summary>Vectors [B, T, d] of tokens [B, T].</summary>
    /// <param name="input">Numbers of tokens, <see cref="ScalarType.Int64"/>.</param>
    /// <param name="present">[B, T]: 0 after the end of a text; null: no ends.</param>
    /// <param name="segment">[B, T]: kinds of segments; null: all 0.</param>
    /// <exception cref="ArgumentException">The text is longer than the model's places.</exception>
    public Tensor Encode(Tensor input, Tensor? present = null, Tensor? segment = null)
    {
        using var scope = NewDisposeScope();
        if (input.size(1) > options.MaxLength)
            throw new ArgumentException($"A text of {input.size(1)} tokens is longer than the {options.MaxLength} that this model takes.");
        var x = tokens.forward(input);
        if (options.EmbeddingScale != 1)
            x = x * options.EmbeddingScale;
        if (places is not null)
            x = x + places.weight.narrow(0, 0, input.size(1));
        if (segments is not null)
            x = x + (segment is null ? segments.weight.narrow(0, 0, 1) : segments.forward(segment));
        if (embedding_norm is not null)
            x = embedding_norm.forward(x);
        if (training && options.Dropout > 0)
            x = functional.dropout(x, options.Dropout);
        return transformer.forward(x, present).MoveToOuterDisposeScope();
    }

    /// <summary>Logits [..., V] of vectors [..., d].</summary>
    public Tensor Predict(Tensor vectors)
    {
        using var scope = NewDisposeScope();
        var x = head_dense is null ? vectors : head_norm!.forward(functional.gelu(head_dense.forward(vectors)));
        var logits = vocabulary is null ? functional.linear(x, tokens.weight, head_bias) : vocabulary.forward(x);
        if (vocabulary is not null && head_bias is not null)
            logits = logits + head_bias;
        if (options.LogitCap > 0)
            logits = (logits / options.LogitCap).tanh() * options.LogitCap;
        return logits.MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Mean loss, nats a predicted token. Only the places with a target are sent through the head: with 15 % masked that saves most of its time.
    /// </summary>
    /// <param name="input">Tokens [B, T].</param>
    /// <param name="targets">[B, T]: the token to predict, -100 where none is.</param>
    /// <param name="present">As for <see cref="Encode"/>.</param>
    public (Tensor Loss, Tensor Correct, long Count) Loss(Tensor input, Tensor targets, Tensor? present = null)
    {
        using var scope = NewDisposeScope();
        var vectors = Encode(input, present).flatten(0, 1);
        var flat = targets.flatten();
        var chosen = flat.ge(0).nonzero().squeeze(1);
        long count = chosen.size(0);
        if (count < flat.size(0))
            (vectors, flat) = (vectors.index_select(0, chosen), flat.index_select(0, chosen));
        var logits = Predict(vectors);
        var loss = count == 0 ? logits.sum() * 0.0 : functional.cross_entropy(logits, flat);
        Tensor correct;
        using (no_grad())
            correct = logits.detach().argmax(-1).eq(flat).sum();
        return (loss.MoveToOuterDisposeScope(), correct.MoveToOuterDisposeScope(), count);
    }
}
